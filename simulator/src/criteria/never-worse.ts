import { rivals } from "../scenarios/entrant-names.ts";
import type { Criterion } from "./criterion.ts";
import { againstBest, ratioText } from "./duel.ts";
import { allCells, type Results } from "./find.ts";

/** Times as much is still no worse. */
export const MUCH_WORSE = 1.05;

/** p99 is nowhere far above that of any rival. */
export function neverWorse(results: Results): readonly Criterion[] {
  const duels = allCells(results).flatMap((cell) => {
    const duel = againstBest(cell, rivals);
    return duel === undefined ? [] : [{ ...duel, name: cell.cell.scenario.name }];
  });
  const [worst] = duels.toSorted((a, b) => b.ratio.ratio - a.ratio.ratio);
  if (worst === undefined) return [];
  const { length } = duels.filter(({ ratio }) => ratio.ratio <= MUCH_WORSE);
  return [
    {
      promise: "nowhere worse than the usual policies",
      target: `at most ${MUCH_WORSE} of the best of ${rivals.join(", ")} in every cell`,
      figure: `${length} of ${duels.length} cells; most in ${worst.name}: ${ratioText(worst.ratio)} of ${worst.other}`,
      isMet: length === duels.length,
    },
  ];
}
