/** The value at `quantile` (0 to 1) of a non-empty list, by nearest rank. */
export function quantileOf(values: ArrayLike<number>, quantile: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: ArrayLike<number>): number {
  return quantileOf(values, 0.5);
}
