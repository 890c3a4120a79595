// Prequal: asynchronous probes ask random servers for their requests in flight and their latency; the hot-cold lexicographic rule avoids
// the servers with much in flight, and takes the quickest of the others.
// Left out: the synchronous mode, probes while idle, and what the paper does against servers that fail fast, which it doesn't describe.
// Source: Wydrowski et al., "Load is not what you should balance: Introducing Prequal", NSDI 2024.
import type { Contender } from "../contender.ts";
import { baseline, type Host } from "./baseline.ts";
import type { PoolEntry } from "./probe-pool.ts";
import { Prober, type ProbingOptions, type Ranking } from "./prober.ts";
import { RecentQuantile } from "./recent-quantile.ts";

export interface PrequalOptions extends ProbingOptions {
  /**
   * A server is hot with more in flight than this quantile of what recent probes found, 0 to 1 (Q_RIF): 0 goes by requests in flight alone,
   * 1 by latency alone. Default 2^-0.25, about 0.84.
   */
  readonly hotQuantile?: number | undefined;
  /**
   * How many answers to probes count as recent, a whole number >= 1; the paper doesn't say; with few, chance moves the quantile. Default
   * 512.
   */
  readonly recentAnswers?: number | undefined;
}

export function prequal(options: PrequalOptions = {}): Contender {
  const { hotQuantile = 2 ** -0.25, recentAnswers = 512, probesPerCall = 3 } = options;
  return {
    name: nameOf(options),
    description: `Prequal (NSDI 2024): ${probesPerCall} asynchronous probes per call, Q_RIF ${Number(hotQuantile.toFixed(2))}.`,
    create: (env) => baseline(new Prober(env, options, hotColdLexicographic(hotQuantile, recentAnswers))),
  };
}

/** With what differs from the paper's baseline: the quantile in percent, the probes after an r. */
function nameOf({ hotQuantile, probesPerCall }: PrequalOptions): string {
  const quantile = hotQuantile === undefined ? "" : `-${Number((100 * hotQuantile).toFixed(1))}`;
  return `prequal${quantile}${probesPerCall === undefined ? "" : `-r${probesPerCall}`}`;
}

/** Any cold one before any hot one; of the cold ones, the quickest; of the hot ones, that with the least in flight. */
export function hotColdLexicographic(hotQuantile: number, recentAnswers: number): Ranking {
  const recent = new RecentQuantile(recentAnswers);
  let threshold = Infinity;
  return {
    isBetter(one: PoolEntry, other: PoolEntry): boolean {
      const oneIsHot = one.inFlight > threshold;
      if (oneIsHot !== other.inFlight > threshold) return !oneIsHot;
      return oneIsHot ? one.inFlight < other.inFlight : one.latencyMs < other.latencyMs;
    },
    onAnswer(_host: Host, { inFlight }): void {
      recent.add(inFlight);
      if (hotQuantile < 1) threshold = recent.at(hotQuantile);
    },
  };
}
