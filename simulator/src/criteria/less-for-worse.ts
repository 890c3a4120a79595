import { formatRatio } from "../suite/format.ts";
import { estimate } from "../suite/summary.ts";
import type { Criterion } from "./criterion.ts";
import { FOCUS } from "./duel.ts";
import { allCells, type Results, runsOf } from "./find.ts";
import { timesFair } from "./times-fair.ts";

const MOST = 0.9;

/** Under light load as well, a pod that is slower or fails gets less than the others, and is not forgotten. */
export function lessForWorse(results: Results): readonly Criterion[] {
  const cells = allCells(results).filter(({ cell }) => cell.scenario.name.startsWith("idle-"));
  return cells.flatMap((cell) => {
    const [runs] = runsOf(cell, FOCUS) ?? [];
    if (runs === undefined) return [];
    const shares = runs.map((run) => timesFair(run, "odd"));
    const share = estimate(shares).mean;
    return {
      promise: `${cell.cell.scenario.name}: who is worse gets less, and is not forgotten`,
      target: `less than ${MOST} of a fair share, and some of it in each seed`,
      figure: `${formatRatio(share)} of a fair share, at least ${formatRatio(Math.min(...shares))}`,
      isMet: share < MOST && Math.min(...shares) > 0,
    };
  });
}
