import type { RunResult } from "../result.ts";
import { formatCount, formatMs, formatPercent, formatRatio } from "./format.ts";

/** One number that a run is judged by or described with. */
export interface Figure {
  readonly label: string;
  readonly meaning: string;
  readonly of: (result: RunResult) => number;
  readonly format: (value: number) => string;
  /** Less is better, so that there is a best. Others describe: evenness, say, is not what balancing is for. Default false. */
  readonly isJudged?: boolean;
  /** With its confidence interval. Default false. */
  readonly showsInterval?: boolean;
  /** Left out of a table in which nobody has any. Default false. */
  readonly isOptional?: boolean;
}

export type FigureKey = keyof typeof figures;

/** All figures, in the order of tables and of the committed file. */
export const figures = {
  p50Ms: {
    label: "p50 ms",
    meaning: "half of all calls take at most this long; a failed call counts as long as it took, one that timed out with its time-out",
    of: ({ latencyMs }) => latencyMs.p50,
    format: formatMs,
    isJudged: true,
  },
  p90Ms: {
    label: "p90 ms",
    meaning: "9 of 10 calls take at most this long",
    of: ({ latencyMs }) => latencyMs.p90,
    format: formatMs,
    isJudged: true,
  },
  p99Ms: {
    label: "p99 ms",
    meaning: "99 of 100 calls take at most this long; ± 95 % confidence interval over seeds",
    of: ({ latencyMs }) => latencyMs.p99,
    format: formatMs,
    isJudged: true,
    showsInterval: true,
  },
  p999Ms: {
    label: "p99.9 ms",
    meaning: "999 of 1000 calls take at most this long",
    of: ({ latencyMs }) => latencyMs.p999,
    format: formatMs,
    isJudged: true,
  },
  errorShare: {
    label: "errors %",
    meaning: "calls that failed or timed out",
    of: ({ errorShare }) => errorShare,
    format: formatPercent,
    isJudged: true,
  },
  callsMaxOverMean: {
    label: "calls max/mean",
    meaning: "calls of the busiest pod relative to the mean pod, per unit of weight; 1 is even",
    of: ({ callsMaxOverMean }) => callsMaxOverMean,
    format: formatRatio,
  },
  callsMinOverMean: {
    label: "calls min/mean",
    meaning: "calls of the idlest pod relative to the mean pod, per unit of weight; 1 is even",
    of: ({ callsMinOverMean }) => callsMinOverMean,
    format: formatRatio,
  },
  utilizationCv: {
    label: "utilisation CV",
    meaning: "how unequally busy pods are: standard deviation over mean; 0 is even",
    of: ({ utilization }) => utilization.cv,
    format: formatRatio,
  },
  inFlightP99: {
    label: "in flight p99",
    meaning: "calls at a pod at once, 99th percentile over pods and time",
    of: ({ inFlightP99 }) => inFlightP99,
    format: formatCount,
    isJudged: true,
  },
  crossZoneShare: {
    label: "cross-zone %",
    meaning: "attempts that left the client's zone",
    of: ({ crossZoneShare }) => crossZoneShare,
    format: formatPercent,
    isOptional: true,
  },
  probesPerCall: {
    label: "probes/call",
    meaning: "requests made only to ask for the load",
    of: ({ probesPerCall }) => probesPerCall,
    format: formatRatio,
    isOptional: true,
  },
  bouncesPerCall: {
    label: "bounces/call",
    meaning: "attempts that a pod above its limit turned away before the handler",
    of: ({ bouncesPerCall }) => bouncesPerCall,
    format: formatRatio,
    isOptional: true,
  },
} as const satisfies Readonly<Record<string, Figure>>;

export const figureKeys: readonly FigureKey[] = Object.keys(figures) as FigureKey[];

/** A figure by its key, as any figure. */
export function figureOf(key: FigureKey): Figure {
  return figures[key];
}

/** A figure, one value a seed. */
export function valuesOf(runs: readonly RunResult[], key: FigureKey): readonly number[] {
  return runs.map(figureOf(key).of);
}
