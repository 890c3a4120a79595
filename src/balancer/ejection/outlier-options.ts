import { assertChecked, atLeast, durationMs, givenOf, number, optionsOf, orFalse, someMs } from "../../check-options.ts";

/** As in gRFC A50, with its names, units and defaults. */
export interface OutlierDetectionOptions {
  /** Time from one sweep to the next, in ms, > 0. Endpoints leave and come back at sweeps only. Default 10 000. */
  readonly intervalMs?: number | undefined;
  /** How long an endpoint is out, in ms, times its ejections so far; each interval that it stays in takes one of them back. Default 30 000. */
  readonly baseEjectionMs?: number | undefined;
  /** The longest ejection, in ms; never less than `baseEjectionMs`. Default 300 000. */
  readonly maxEjectionMs?: number | undefined;
  /** No further endpoint is ejected once so many are out, in percent of all; the first one always may be. Default 10. */
  readonly maxEjectionPercent?: number | undefined;
  /** Ejects by comparison with the other endpoints; false for never. Default: on. */
  readonly successRateEjection?: SuccessRateEjectionOptions | false | undefined;
  /** Ejects by a fixed limit; false for never. Default: off. */
  readonly failurePercentageEjection?: FailurePercentageEjectionOptions | false | undefined;
}

/** Ejects endpoints whose success rate is below the mean by so many standard deviations. */
export interface SuccessRateEjectionOptions {
  /** Standard deviations below the mean, in thousandths. Default 1 900. */
  readonly stdevFactor?: number | undefined;
  /** Chance that an outlier is really ejected, in percent. Default 100. */
  readonly enforcementPercentage?: number | undefined;
  /** With fewer endpoints that have `requestVolume`, nobody is ejected. Default 5. */
  readonly minimumHosts?: number | undefined;
  /** Calls in one interval without which an endpoint is neither compared nor ejected. Default 100. */
  readonly requestVolume?: number | undefined;
}

/** Ejects endpoints of whose calls too many fail, whatever becomes of the others'. */
export interface FailurePercentageEjectionOptions {
  /** Failures per call, in percent; an endpoint with more is ejected. Default 85. */
  readonly threshold?: number | undefined;
  /** Chance that such an endpoint is really ejected, in percent. Default 100. */
  readonly enforcementPercentage?: number | undefined;
  /** With fewer endpoints, nobody is ejected. Default 5. */
  readonly minimumHosts?: number | undefined;
  /** Calls in one interval without which an endpoint is not ejected. Default 50. */
  readonly requestVolume?: number | undefined;
}

const TIMING = { intervalMs: 10_000, baseEjectionMs: 30_000, maxEjectionMs: 300_000, maxEjectionPercent: 10 };
const SUCCESS_RATE = { stdevFactor: 1_900, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 100 };
const FAILURE_PERCENTAGE = { threshold: 85, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 50 };

const percent = number({ from: 0, to: 100 });
const amount = atLeast(0);
const common = { enforcementPercentage: percent, minimumHosts: amount, requestVolume: amount };
const check = optionsOf<OutlierDetectionOptions>({
  intervalMs: someMs,
  baseEjectionMs: durationMs,
  maxEjectionMs: durationMs,
  maxEjectionPercent: percent,
  successRateEjection: orFalse(optionsOf<SuccessRateEjectionOptions>({ ...common, stdevFactor: amount })),
  failurePercentageEjection: orFalse(optionsOf<FailurePercentageEjectionOptions>({ ...common, threshold: percent })),
});

export type SuccessRateSettings = Readonly<typeof SUCCESS_RATE>;
export type FailurePercentageSettings = Readonly<typeof FAILURE_PERCENTAGE>;

/** The options with their defaults filled in. */
export type OutlierSettings = ReturnType<typeof outlierSettings>;

/** @throws ConfigurationError for an option that can't be used */
export function outlierSettings(options: OutlierDetectionOptions) {
  const { successRateEjection = {}, failurePercentageEjection = false, ...timing } = assertChecked(options, check, "outlierDetection");
  return {
    ...TIMING,
    ...givenOf(timing),
    successRateEjection: successRateEjection && { ...SUCCESS_RATE, ...givenOf(successRateEjection) },
    failurePercentageEjection: failurePercentageEjection && { ...FAILURE_PERCENTAGE, ...givenOf(failurePercentageEjection) },
  };
}
