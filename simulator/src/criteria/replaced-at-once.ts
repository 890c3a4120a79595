import { pairedRatio } from "../suite/summary.ts";
import type { Criterion } from "./criterion.ts";
import { FOCUS, p99In, ratioText } from "./duel.ts";
import { allCells, type Results, runsOf } from "./find.ts";

const MOST = 2;

/** New pods are ramped up only as far as the others have room: nobody drowns for it. */
export function replacedAtOnce(results: Results): readonly Criterion[] {
  const cells = allCells(results).filter(({ cell }) => cell.scenario.name.startsWith("replaced-"));
  return cells.flatMap((cell) => {
    const [runs] = runsOf(cell, FOCUS) ?? [];
    if (runs === undefined) return [];
    const ratio = pairedRatio(runs.map(p99In("after")), runs.map(p99In("before")));
    return {
      promise: `${cell.cell.scenario.name}: no rush on those that are left`,
      target: `p99 at most ${MOST} times that of before`,
      figure: ratioText(ratio),
      isMet: ratio.ratio <= MOST,
    };
  });
}
