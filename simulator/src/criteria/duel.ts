import type { CellResults } from "../suite/cell.ts";
import { valuesOf } from "../suite/figures.ts";
import { formatRatio } from "../suite/format.ts";
import { estimate, pairedRatio, type Ratio } from "../suite/summary.ts";

/** Whose promises are looked at. */
export const FOCUS = "meshless";

/** p99 of meshless relative to that of another. */
export interface Duel {
  readonly other: string;
  readonly ratio: Ratio;
}

/** Against whoever of these has the least p99 in the cell. Undefined unless meshless and one of them ran. */
export function againstBest({ runs }: CellResults, others: readonly string[]): Duel | undefined {
  const own = runs.get(FOCUS);
  const [best] = others
    .flatMap((other) => {
      const p99s = runs.get(other);
      return p99s === undefined ? [] : [{ other, p99s: valuesOf(p99s, "p99Ms") }];
    })
    .sort((a, b) => estimate(a.p99s).mean - estimate(b.p99s).mean);
  if (own === undefined || best === undefined) return undefined;
  return { other: best.other, ratio: pairedRatio(valuesOf(own, "p99Ms"), best.p99s) };
}

export function ratioText({ ratio, low, high }: Ratio): string {
  const mean = formatRatio(ratio);
  return low === undefined || high === undefined ? mean : `${mean} (${formatRatio(low)}–${formatRatio(high)})`;
}
