import type { CellResults } from "../suite/cell.ts";
import { valuesOf } from "../suite/figures.ts";
import { formatPercent, formatRatio } from "../suite/format.ts";
import type { SearchResults } from "../suite/pods-needed.ts";
import { estimate, NOTICEABLE, pairedRatio, type Ratio } from "../suite/summary.ts";

/** Failures of more than this share of calls are told: p99 does not see those that are quick. */
const ERRORS_TOLD = 0.0005;

export type Verdict = "better" | "even" | "worse";

/** A policy beside the focus, from the policy's side: `better` is better than the focus. */
export interface Comparison {
  /** How many times as much. */
  readonly ratio: number;
  readonly verdict: Verdict;
  readonly text: string;
  /** What the ratio does not say. */
  readonly remark?: string;
}

/** By p99, seed by seed, unless one of the two fails more. Undefined if either did not run. */
export function compareInCell({ runs }: CellResults, name: string, focus: string): Comparison | undefined {
  const [own, other] = [runs.get(focus), runs.get(name)];
  if (own === undefined || other === undefined) return undefined;
  const ratio = pairedRatio(valuesOf(other, "p99Ms"), valuesOf(own, "p99Ms"));
  const errors = meanErrors(other) - meanErrors(own);
  const comparison = { ratio: ratio.ratio, verdict: verdictOf(ratio, errors), text: formatRatio(ratio.ratio) };
  return Math.abs(errors) > ERRORS_TOLD ? { ...comparison, remark: `${errors > 0 ? "+" : "−"}${errorText(Math.abs(errors))}` } : comparison;
}

/** By the number of pods. Undefined if either did not search, or the focus found nothing. */
export function compareInSearch({ search, needed }: SearchResults, name: string, focus: string): Comparison | undefined {
  const [own, other] = [focus, name].map((wanted) => needed.find(({ contender }) => contender === wanted));
  if (own?.count === undefined || other === undefined) return undefined;
  const ratio = (other.count ?? search.to) / own.count;
  if (other.count === undefined) return { ratio, verdict: "worse", text: `>${formatRatio(ratio)}` };
  return { ratio, verdict: ratio < 1 ? "better" : ratio > 1 ? "worse" : "even", text: formatRatio(ratio), remark: `${other.count} pods` };
}

/** The errors of a policy, if they are worth telling. */
export function errorRemark(runs: Parameters<typeof valuesOf>[0]): string | undefined {
  const errors = meanErrors(runs);
  return errors > ERRORS_TOLD ? errorText(errors) : undefined;
}

/** Failing more is worse whatever p99 is: calls that fail at once are quick. */
function verdictOf({ ratio, low = ratio, high = ratio }: Ratio, errors: number): Verdict {
  if (Math.abs(errors) > ERRORS_TOLD) return errors > 0 ? "worse" : "better";
  if (Math.abs(ratio - 1) < NOTICEABLE) return "even";
  return high < 1 ? "better" : low > 1 ? "worse" : "even";
}

function meanErrors(runs: Parameters<typeof valuesOf>[0]): number {
  return estimate(valuesOf(runs, "errorShare")).mean;
}

function errorText(share: number): string {
  return `${formatPercent(share)} % err`;
}
