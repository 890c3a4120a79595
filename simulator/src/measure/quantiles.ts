import type { LatencyQuantiles, RunResult } from "../result.ts";

/** Bounds of the cumulative distribution: so many for each factor of ten. */
const BOUNDS_PER_DECADE = 40;

/** The smallest of the sorted values that at least this share of them does not exceed; 0 if there are none. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

export function latencyQuantiles(sorted: Float64Array): LatencyQuantiles {
  return {
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    mean: sorted.length === 0 ? 0 : sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
  };
}

/** The share of the sorted values at or below each of log-spaced bounds, from the first that has some to the first that has all. */
export function cumulativeShares(sorted: Float64Array): RunResult["cdf"] {
  const ms: number[] = [];
  const share: number[] = [];
  const positive = sorted.findIndex((value) => value > 0);
  if (positive < 0) return { ms, share };
  let below = 0;
  for (let step = Math.floor(Math.log10(sorted[positive] as number) * BOUNDS_PER_DECADE); below < sorted.length; step += 1) {
    const bound = 10 ** (step / BOUNDS_PER_DECADE);
    while (below < sorted.length && (sorted[below] as number) <= bound) below += 1;
    ms.push(bound);
    share.push(below / sorted.length);
  }
  return { ms, share };
}
