import { rivals } from "../scenarios/entrant-names.ts";
import type { CellResults } from "../suite/cell.ts";
import { valuesOf } from "../suite/figures.ts";
import { estimate } from "../suite/summary.ts";
import type { Criterion } from "./criterion.ts";
import { againstBest, FOCUS, ratioText } from "./duel.ts";
import { allCells, type Results } from "./find.ts";

/** Times as much is still no worse. */
export const MUCH_WORSE = 1.05;
/** Who loses so much more of the calls has less to do, and is quick for that: there is nothing to compare. */
const LOST_MORE = 0.05;

/** p99 is nowhere far above that of any rival that does the work. */
export function neverWorse(results: Results): readonly Criterion[] {
  const duels = allCells(results).flatMap((cell) => {
    const duel = againstBest(cell, rivals.filter(doesTheWork(cell)));
    return duel === undefined ? [] : [{ ...duel, name: cell.cell.scenario.name }];
  });
  const [worst] = duels.toSorted((a, b) => b.ratio.ratio - a.ratio.ratio);
  if (worst === undefined) return [];
  const { length } = duels.filter(({ ratio }) => ratio.ratio <= MUCH_WORSE);
  return [
    {
      promise: "nowhere worse than the usual policies",
      target: `at most ${MUCH_WORSE} of the best of ${rivals.join(", ")} in every cell, of those that lose at most ${LOST_MORE * 100} % more of the calls`,
      figure: `${length} of ${duels.length} cells; most in ${worst.name}: ${ratioText(worst.ratio)} of ${worst.other}`,
      isMet: length === duels.length,
    },
  ];
}

function doesTheWork({ runs }: CellResults): (name: string) => boolean {
  const lost = (name: string) => estimate(valuesOf(runs.get(name) ?? [], "errorShare")).mean;
  const own = lost(FOCUS);
  return (name) => !(lost(name) > own + LOST_MORE);
}
