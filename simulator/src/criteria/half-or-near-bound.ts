import { rivals } from "../scenarios/entrant-names.ts";
import type { Criterion } from "./criterion.ts";
import { againstBest, type Duel, p99In, ratioText } from "./duel.ts";
import { cellCalled, type Results } from "./find.ts";

interface Place {
  readonly cell: string;
  /** The part of the time that counts; the whole of it without. */
  readonly window?: string;
}

/** Where there is much to gain. The top of the ramp twice: after the climb, and with nothing before it. */
const places: readonly Place[] = [
  { cell: "prequal-ramp", window: "1.74x" },
  { cell: "shared-174" },
  { cell: "node-pods-90" },
  { cell: "clients-1000" },
  { cell: "cold-20-percent" },
];

/** p99 is half of that of the best rival, or close to what can be attained at all. */
export function halfOrNearBound(results: Results): readonly Criterion[] {
  const attainable = results.entrants.filter(({ isAttainable = false }) => isAttainable).map(({ name }) => name);
  return places.flatMap(({ cell: name, window }) => {
    const cell = cellCalled(results, name);
    const p99Of = window === undefined ? undefined : p99In(window);
    const rival = cell && againstBest(cell, rivals, p99Of);
    if (rival === undefined) return [];
    const bound = cell && againstBest(cell, attainable, p99Of);
    return {
      promise: `${window === undefined ? name : `${name} at ${window}`}: far below the usual policies`,
      target: `at most 0.50 of the best of ${rivals.join(", ")}, or at most 1.10 of the best bound`,
      figure: [rival, bound].flatMap((duel) => (duel === undefined ? [] : duelText(duel))).join(", "),
      isMet: rival.ratio.ratio <= 0.5 || (bound !== undefined && bound.ratio.ratio <= 1.1),
    };
  });
}

function duelText({ ratio, other }: Duel): string {
  return `${ratioText(ratio)} of ${other}`;
}
