import type { RunResult } from "../result.ts";
import { formatPercent } from "../suite/format.ts";
import { estimate } from "../suite/summary.ts";
import type { Criterion } from "./criterion.ts";
import { FOCUS } from "./duel.ts";
import { cellCalled, type Results, runsOf } from "./find.ts";

/** The part of the time in which all should be well again. */
export const AFTERWARDS = "from 10 s later on";
/** Of the calls, so many may be lost then. */
const LOST = 0.001;
/** Where so many are lost, the fleet is still down: without that, the storm was none, and there was nothing to avoid. */
const DOWN = 0.5;

/** Retries within the budget do not keep a fleet down; the same retries without it do. */
export function retryStorms(results: Results): readonly Criterion[] {
  const [inBudget] = runsOf(cellCalled(results, "storm-in-budget"), FOCUS) ?? [];
  const [unbounded] = runsOf(cellCalled(results, "storm-unbounded"), FOCUS) ?? [];
  if (inBudget === undefined || unbounded === undefined) return [];
  const [own, others] = [lostAfterwards(inBudget), lostAfterwards(unbounded)];
  return [
    {
      promise: "storm-in-budget: retries do not keep down a fleet that is well again",
      target: `from 10 s later on, at most ${formatPercent(LOST)} % of the calls lost; at least ${formatPercent(DOWN)} % without the budget`,
      figure: `${formatPercent(own)} % against ${formatPercent(others)} %`,
      isMet: own <= LOST && others >= DOWN,
    },
  ];
}

function lostAfterwards(runs: readonly RunResult[]): number {
  return estimate(runs.map(({ windows }) => windows.find(({ label }) => label === AFTERWARDS)?.errorShare ?? Number.NaN)).mean;
}
