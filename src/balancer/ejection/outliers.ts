import type { FailurePercentageSettings, SuccessRateSettings } from "./outlier-options.ts";

/** What became of the calls of one endpoint in one interval. */
export interface Tally {
  readonly good: number;
  readonly bad: number;
}

export interface Outlier<T extends Tally> {
  readonly tally: T;
  /** Why it is one, such as "success rate 0.500, below 0.520". */
  readonly reason: string;
  /** Chance that it is to be ejected, in percent. */
  readonly enforcementPercentage: number;
}

/**
 * Those whose success rate is below mean - deviation * `stdevFactor` / 1000, over all that have the volume. The deviation is that of the
 * population (divided by n), as in the implementations of gRPC and Envoy.
 */
export function successRateOutliers<T extends Tally>(tallies: readonly T[], settings: SuccessRateSettings): readonly Outlier<T>[] {
  const { stdevFactor, enforcementPercentage, minimumHosts, requestVolume } = settings;
  const busy = withVolume(tallies, requestVolume);
  if (busy.length < minimumHosts) return [];
  const rates = busy.map(successRateOf);
  const mean = meanOf(rates);
  const deviation = Math.sqrt(meanOf(rates.map((rate) => (rate - mean) ** 2)));
  const limit = mean - (deviation * stdevFactor) / 1000;
  const outliers = busy.filter((tally) => successRateOf(tally) < limit);
  const reasonOf = (tally: T) => `success rate ${successRateOf(tally).toFixed(3)}, below ${limit.toFixed(3)}`;
  return outliers.map((tally) => ({ tally, enforcementPercentage, reason: reasonOf(tally) }));
}

/** Those that have the volume and of whose calls more than `threshold` percent failed. */
export function failurePercentageOutliers<T extends Tally>(
  tallies: readonly T[],
  settings: FailurePercentageSettings,
): readonly Outlier<T>[] {
  const { threshold, enforcementPercentage, minimumHosts, requestVolume } = settings;
  if (tallies.length < minimumHosts) return [];
  const outliers = withVolume(tallies, requestVolume).filter((tally) => failurePercentageOf(tally) > threshold);
  const reasonOf = (tally: T) => `${failurePercentageOf(tally).toFixed(1)} % failures, above ${threshold} %`;
  return outliers.map((tally) => ({ tally, enforcementPercentage, reason: reasonOf(tally) }));
}

/** An endpoint without calls has no rate: it is left out even where no volume is asked for. */
function withVolume<T extends Tally>(tallies: readonly T[], requestVolume: number): readonly T[] {
  return tallies.filter(({ good, bad }) => good + bad >= Math.max(1, requestVolume));
}

function successRateOf({ good, bad }: Tally): number {
  return good / (good + bad);
}

function failurePercentageOf({ good, bad }: Tally): number {
  return (100 * bad) / (good + bad);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
