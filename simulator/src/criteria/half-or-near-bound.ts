import { rivals } from "../scenarios/entrant-names.ts";
import type { Criterion } from "./criterion.ts";
import { againstBest, ratioText } from "./duel.ts";
import { cellCalled, type Results } from "./find.ts";

/** Where there is much to gain. */
const cells = ["shared-174", "node-pods-90", "clients-1000", "cold-20-percent"] as const;

/** p99 is half of that of the best rival, or close to what can be attained at all. */
export function halfOrNearBound(results: Results): readonly Criterion[] {
  const attainable = results.entrants.filter(({ isAttainable = false }) => isAttainable).map(({ name }) => name);
  return cells.flatMap((name) => {
    const cell = cellCalled(results, name);
    const rival = cell && againstBest(cell, rivals);
    const bound = cell && againstBest(cell, attainable);
    if (rival === undefined || bound === undefined) return [];
    return {
      promise: `${name}: far below the usual policies`,
      target: `at most 0.50 of the best of ${rivals.join(", ")}, or at most 1.10 of the best bound`,
      figure: `${ratioText(rival.ratio)} of ${rival.other}, ${ratioText(bound.ratio)} of ${bound.other}`,
      isMet: rival.ratio.ratio <= 0.5 || bound.ratio.ratio <= 1.1,
    };
  });
}
