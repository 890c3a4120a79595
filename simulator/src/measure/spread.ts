/** How unequal numbers are, per unit of weight. */
export interface Spread {
  /** Per unit of weight. */
  readonly mean: number;
  /** Deviation relative to the mean. */
  readonly cv: number;
  readonly maxOverMean: number;
  readonly minOverMean: number;
}

/**
 * All 0 without values, and no spread when all are 0.
 *
 * @param weights of the values. Default: all alike
 */
export function spreadOf(values: readonly number[], weights: readonly number[] = values.map(() => 1)): Spread {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const mean = sum(values) / (sum(weights) || 1);
  if (mean === 0) return { mean: 0, cv: 0, maxOverMean: 0, minOverMean: 0 };
  const perUnit = values.map((value, i) => value / (weights[i] as number));
  const variance = sum(perUnit.map((value, i) => (weights[i] as number) * (value - mean) ** 2)) / sum(weights);
  return { mean, cv: Math.sqrt(variance) / mean, maxOverMean: Math.max(...perUnit) / mean, minOverMean: Math.min(...perUnit) / mean };
}
