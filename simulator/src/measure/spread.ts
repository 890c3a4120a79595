/** How unequal numbers are. */
export interface Spread {
  readonly mean: number;
  /** Deviation relative to the mean. */
  readonly cv: number;
  readonly maxOverMean: number;
}

/** All 0 without values, and no spread when all are 0. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  if (mean === 0) return { mean: 0, cv: 0, maxOverMean: 0 };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, cv: Math.sqrt(variance) / mean, maxOverMean: Math.max(...values) / mean };
}
