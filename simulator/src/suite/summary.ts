import { studentT } from "./student-t.ts";

/** A difference of less than this share matters to nobody, however certain it is. */
export const NOTICEABLE = 0.01;

/** A mean over seeds. */
export interface Estimate {
  readonly mean: number;
  /** Half the width of the 95 % confidence interval (Student's t). Undefined of a single value, which says nothing of its spread. */
  readonly plusMinus: number | undefined;
}

/** Of two entrants who ran the same seeds: `x` times as much as the other. */
export interface Ratio {
  readonly ratio: number;
  /** The 95 % confidence interval. Undefined of a single seed. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export function estimate(values: readonly number[]): Estimate {
  const mean = meanOf(values);
  if (values.length < 2) return { mean, plusMinus: undefined };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, plusMinus: studentT(values.length - 1) * Math.sqrt(variance / values.length) };
}

/**
 * `values` less `others`, seed by seed. Both met the same calls at the same times, so that what chance did to both drops out: the interval is
 * far narrower than that of two independent samples.
 *
 * @throws RangeError if the two did not run the same number of seeds
 */
export function pairedDifference(values: readonly number[], others: readonly number[]): Estimate {
  return estimate(paired(values, others).map(([value, other]) => value - other));
}

/** How many times `others` the `values` are: the geometric mean over seeds. NaN unless all are positive. */
export function pairedRatio(values: readonly number[], others: readonly number[]): Ratio {
  if (![...values, ...others].every((value) => value > 0)) return { ratio: Number.NaN, low: undefined, high: undefined };
  const { mean, plusMinus } = estimate(paired(values, others).map(([value, other]) => Math.log(value / other)));
  const bound = (sign: number) => (plusMinus === undefined ? undefined : Math.exp(mean + sign * plusMinus));
  return { ratio: Math.exp(mean), low: bound(-1), high: bound(1) };
}

/** Whether a difference is more than chance would make of it. Of one seed, any difference counts: the run is deterministic. */
export function isCertain({ mean, plusMinus }: Estimate): boolean {
  return Math.abs(mean) > (plusMinus ?? 0);
}

/**
 * How much of the way from round robin to the best that can be had an entrant has gone: 0 is round robin, 1 is the bound, below 0 is worse
 * than round robin. Undefined where the two ends are less than 2 % apart: nothing can be gained there.
 */
export function gapClosed(value: number, roundRobin: number, bound: number): number | undefined {
  return roundRobin - bound > 0.02 * bound ? (roundRobin - value) / (roundRobin - bound) : undefined;
}

function paired(values: readonly number[], others: readonly number[]): readonly (readonly [number, number])[] {
  if (values.length !== others.length) throw new RangeError(`can't pair ${values.length} seeds with ${others.length}`);
  return values.map((value, seed) => [value, others[seed] as number] as const);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
