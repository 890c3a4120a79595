import type { RunResult } from "../result.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How many points a curve has at most: more than a picture on a page can show, and few enough to keep the page small. */
const MAX_POINTS = 100;

/** The slowest calls are the least certain: a curve ends where fewer than this many are left, over all seeds. */
const LEAST_CALLS = 10;

/** Where a curve of latency begins: the quickest quarter of calls says little. */
const FROM_SHARE = 0.25;

/**
 * Latency by how rare it is, over all seeds. x is the number of nines: 0.30 is the median, 1 is p90, 2 is p99, 3 is p99.9; y is in ms.
 */
export function tailCurve(runs: readonly RunResult[]): readonly Point[] {
  const distribution = pooledDistribution(runs);
  const calls = runs.reduce((total, run) => total + run.calls, 0);
  const [from, to] = [nines(FROM_SHARE), Math.min(4, Math.log10(calls / LEAST_CALLS))];
  if (distribution.ms.length === 0 || !(to > from)) return [];
  return Array.from({ length: MAX_POINTS }, (_, index) => {
    const x = from + ((to - from) * index) / (MAX_POINTS - 1);
    return { x, y: quantileOf(distribution, 1 - 10 ** -x) };
  });
}

/** The number of nines of a share below 1. */
export function nines(share: number): number {
  return -Math.log10(1 - share);
}

/** p99 in ms by the second of arrival: the mean over seeds. Seconds without calls are left out; of many seconds, the worst stands for its neighbours. */
export function p99Curve(runs: readonly RunResult[]): readonly Point[] {
  return timeCurve(runs, ({ p99Ms }) => p99Ms);
}

/** Share of calls that failed, by the second of arrival. */
export function errorCurve(runs: readonly RunResult[]): readonly Point[] {
  return timeCurve(runs, ({ errors, calls }) => errors / calls);
}

type Second = RunResult["timeline"][number];

function timeCurve(runs: readonly RunResult[], of: (second: Second) => number): readonly Point[] {
  const bySecond = new Map<number, number[]>();
  for (const second of runs.flatMap(({ timeline }) => timeline)) {
    if (second.calls > 0) bySecond.set(second.atMs, [...(bySecond.get(second.atMs) ?? []), of(second)]);
  }
  const points = [...bySecond]
    .sort(([a], [b]) => a - b)
    .map(([atMs, values]) => ({ x: atMs / 1000, y: values.reduce((sum, value) => sum + value, 0) / values.length }));
  const perPoint = Math.max(1, Math.ceil(points.length / MAX_POINTS));
  return Array.from({ length: Math.ceil(points.length / perPoint) }, (_, index) =>
    worstOf(points.slice(index * perPoint, (index + 1) * perPoint)),
  );
}

function worstOf(points: readonly Point[]): Point {
  return points.reduce((worst, point) => (point.y > worst.y ? point : worst));
}

interface Distribution {
  readonly ms: readonly number[];
  readonly share: readonly number[];
}

/** The mean of the seeds' shares, at every bound that one of them has: each begins and ends with its own quickest and slowest call. */
function pooledDistribution(runs: readonly RunResult[]): Distribution {
  const ms = [...new Set(runs.flatMap(({ cdf }) => cdf.ms))].sort((a, b) => a - b);
  const shares = runs.map(({ cdf }) => sharesAt(cdf, ms));
  return { ms, share: ms.map((_, index) => shares.reduce((sum, share) => sum + (share[index] as number), 0) / runs.length) };
}

/** The share at or below each of `bounds`, which ascend. */
function sharesAt({ ms, share }: Distribution, bounds: readonly number[]): readonly number[] {
  let reached = -1;
  return bounds.map((bound) => {
    while (reached + 1 < ms.length && (ms[reached + 1] as number) <= bound) reached++;
    return share[reached] ?? 0;
  });
}

/** Between two bounds, latency is taken to rise evenly on a logarithmic scale. */
function quantileOf({ ms, share }: Distribution, wanted: number): number {
  const above = share.findIndex((reached) => reached >= wanted);
  if (above <= 0) return ms.at(above) ?? Number.NaN;
  const [low, high] = [ms[above - 1] as number, ms[above] as number];
  const [from, to] = [share[above - 1] as number, share[above] as number];
  return low <= 0 ? high : low * (high / low) ** ((wanted - from) / (to - from));
}
