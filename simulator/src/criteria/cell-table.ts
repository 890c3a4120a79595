import { rivals } from "../scenarios/entrant-names.ts";
import type { CellResults } from "../suite/cell.ts";
import { valuesOf } from "../suite/figures.ts";
import { formatMs, formatPercent } from "../suite/format.ts";
import { estimate } from "../suite/summary.ts";
import type { Table, TableCell } from "../suite/table.ts";
import { againstBest, type Duel, FOCUS, ratioText } from "./duel.ts";
import { allCells, type Results } from "./find.ts";
import { MUCH_WORSE } from "./never-worse.ts";

/** Errors of less than this share are not told. */
const ERRORS_TOLD = 0.0005;

/** Every cell in which meshless meets others: its p99 relative to theirs. */
export function cellTable(results: Results): Table {
  const attainable = results.entrants.filter(({ isAttainable = false }) => isAttainable).map(({ name }) => name);
  return {
    title: "Cell by cell",
    note: `p99 of ${FOCUS} relative to that of others. Bold: certainly quicker; italic: more than ${Math.round((MUCH_WORSE - 1) * 100)} % slower. Who fails calls is told, because calls that fail at once are quick.`,
    columns: [
      { label: "cell" },
      { label: `${FOCUS}, p99 ms` },
      { label: `best of ${rivals.join(", ")}` },
      { label: "prequal" },
      { label: "prequal-75" },
      { label: "best bound", meaning: `of ${attainable.join(", ")}` },
    ],
    rows: allCells(results).flatMap((cell) => {
      const rival = againstBest(cell, rivals);
      const policies = [againstBest(cell, ["prequal"]), againstBest(cell, ["prequal-75"])];
      const bound = againstBest(cell, attainable);
      if ([rival, bound, ...policies].every((duel) => duel === undefined)) return [];
      const own = `${formatMs(estimate(valuesOf(cell.runs.get(FOCUS) ?? [], "p99Ms")).mean)}${errorText(cell, FOCUS)}`;
      return [
        [
          cell.cell.scenario.name,
          own,
          duelCell(rival, cell, rival && ` ${rival.other}`),
          ...policies.map((duel) => duelCell(duel, cell)),
          // Nobody is worse for being above what can be attained at best.
          bound === undefined ? "" : ratioText(bound.ratio),
        ],
      ];
    }),
  };
}

function duelCell(duel: Duel | undefined, cell: CellResults, name = ""): TableCell {
  if (duel === undefined) return "";
  const { ratio, high = ratio } = duel.ratio;
  const mark = high < 1 ? "best" : ratio > MUCH_WORSE ? "worst" : undefined;
  return { text: `${ratioText(duel.ratio)}${name}${errorText(cell, duel.other)}`, mark };
}

function errorText({ runs }: CellResults, name: string): string {
  const errors = estimate(valuesOf(runs.get(name) ?? [], "errorShare")).mean;
  return errors > ERRORS_TOLD ? `, ${formatPercent(errors)} % fail` : "";
}
