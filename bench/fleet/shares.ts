/** How evenly calls were spread, per unit of weight: the busiest and the least busy server over the average one. 1 is even. */
export interface Shares {
  readonly maxOverMean: number;
  readonly minOverMean: number;
}

/** @param weights one a server; whoever has twice the weight is due twice the calls */
export function sharesOf(calls: readonly number[], weights: readonly number[]): Shares {
  const total = sum(calls);
  const totalWeight = sum(weights);
  if (total === 0) return { maxOverMean: 1, minOverMean: 1 };
  const shares = calls.map((count, index) => (count * totalWeight) / (total * (weights[index] ?? 1)));
  return { maxOverMean: Math.max(...shares), minOverMean: Math.min(...shares) };
}

function sum(values: readonly number[]): number {
  return values.reduce((left, right) => left + right, 0);
}
