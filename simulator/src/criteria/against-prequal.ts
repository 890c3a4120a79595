import type { Criterion } from "./criterion.ts";
import { againstBest, ratioText } from "./duel.ts";
import { allCells, type Results } from "./find.ts";

/** With the quantile of the paper's baseline, and with that of its comparison of rules. */
const settings = ["prequal", "prequal-75"] as const;

/** Of the cells, so many at least. */
const SHARE = 0.8;

/** p99 is no higher than that of Prequal, which probes, in most cells. */
export function againstPrequal(results: Results): readonly Criterion[] {
  return settings.flatMap((other) => {
    const duels = allCells(results).flatMap((cell) => {
      const duel = againstBest(cell, [other]);
      return duel === undefined ? [] : [{ ...duel, name: cell.cell.scenario.name }];
    });
    const [worst] = duels.toSorted((a, b) => b.ratio.ratio - a.ratio.ratio);
    if (worst === undefined) return [];
    const { length } = duels.filter(({ ratio }) => ratio.ratio <= 1);
    return {
      promise: `no worse than ${other}, without its three probes a call`,
      target: `at most 1.00 in ${SHARE * 100} % of the cells`,
      figure: `${length} of ${duels.length} cells (${Math.floor((length / duels.length) * 100)} %); most in ${worst.name}: ${ratioText(worst.ratio)}`,
      isMet: length >= SHARE * duels.length,
    };
  });
}
