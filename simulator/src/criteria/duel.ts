import type { RunResult } from "../result.ts";
import type { CellResults } from "../suite/cell.ts";
import { figures } from "../suite/figures.ts";
import { formatRatio } from "../suite/format.ts";
import { estimate, pairedRatio, type Ratio } from "../suite/summary.ts";

/** Whose promises are looked at. */
export const FOCUS = "meshless";

/** p99 of meshless relative to that of another. */
export interface Duel {
  readonly other: string;
  readonly ratio: Ratio;
}

/** Against whoever of these has the least p99 in the cell, or in a part of it. Undefined unless meshless and one of them ran. */
export function againstBest(
  { runs }: CellResults,
  others: readonly string[],
  p99Of: (run: RunResult) => number = figures.p99Ms.of,
): Duel | undefined {
  const own = runs.get(FOCUS);
  const [best] = others
    .flatMap((other) => {
      const theirs = runs.get(other);
      return theirs === undefined ? [] : [{ other, p99s: theirs.map(p99Of) }];
    })
    .sort((a, b) => estimate(a.p99s).mean - estimate(b.p99s).mean);
  if (own === undefined || best === undefined) return undefined;
  return { other: best.other, ratio: pairedRatio(own.map(p99Of), best.p99s) };
}

/** Of a part of the time. */
export function p99In(window: string): (run: RunResult) => number {
  return ({ windows }) => windows.find(({ label }) => label === window)?.latencyMs.p99 ?? Number.NaN;
}

export function ratioText({ ratio, low, high }: Ratio): string {
  const mean = formatRatio(ratio);
  return low === undefined || high === undefined ? mean : `${mean} (${formatRatio(low)}–${formatRatio(high)})`;
}
