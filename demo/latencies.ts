/**
 * Latencies as counts of buckets of equal ratio. Two of them add up by adding their counts, also across processes,
 * and a quantile is off by 1 % at most.
 */
export type Latencies = number[];

const LOWEST_MS = 0.01;
const RATIO = 1.02;

export function recordLatency(latencies: Latencies, latencyMs: number): void {
  const bucket = Math.max(0, Math.floor(Math.log(latencyMs / LOWEST_MS) / Math.log(RATIO)));
  while (latencies.length <= bucket) latencies.push(0);
  latencies[bucket] = (latencies[bucket] ?? 0) + 1;
}

export function addLatencies(all: readonly Latencies[]): Latencies {
  const length = Math.max(0, ...all.map((latencies) => latencies.length));
  return Array.from({ length }, (_, bucket) => all.reduce((sum, latencies) => sum + (latencies[bucket] ?? 0), 0));
}

export function countLatencies(latencies: Latencies): number {
  return latencies.reduce((sum, count) => sum + count, 0);
}

/** The latency in ms that a share of `quantile` (0 to 1) does not exceed; 0 when nothing was recorded. */
export function latencyAt(latencies: Latencies, quantile: number): number {
  const rank = Math.ceil(quantile * countLatencies(latencies));
  if (rank === 0) return 0;
  let seen = 0;
  const bucket = latencies.findIndex((count) => {
    seen += count;
    return seen >= rank;
  });
  return LOWEST_MS * RATIO ** (bucket + 0.5);
}
