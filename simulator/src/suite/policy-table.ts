import type { RunResult } from "../result.ts";
import type { CellResults } from "./cell.ts";
import type { Entrant } from "./entrant.ts";
import { type Figure, type FigureKey, figureKeys, figureOf, valuesOf } from "./figures.ts";
import { marksOf } from "./marks.ts";
import { estimate, gapClosed } from "./summary.ts";
import type { Mark, Table, TableCell } from "./table.ts";

/** Whose p99 is the near end of "gap closed". */
const ROUND_ROBIN = "round-robin";

/** The figures of everybody in a cell. */
export function policyTable(results: CellResults, entrants: readonly Entrant[]): Table {
  const shown = figureKeys.filter((key) => !figureOf(key).isOptional || someHave(results, figureOf(key)));
  const marks = new Map(shown.map((key) => [key, figureMarks(results, entrants, key)] as const));
  const gaps = gapsClosed(results, entrants);
  const rows = [...results.runs].map(([name, runs]): readonly TableCell[] => [
    isBound(name, entrants) ? `${name} (bound)` : name,
    ...shown.map((key) => ({ text: textOfFigure(figureOf(key), runs), mark: marks.get(key)?.get(name) })),
    ...(gaps === undefined ? [] : [gapText(gaps.get(name))]),
  ]);
  return {
    columns: [
      { label: "policy" },
      ...shown.map(figureOf).map(({ label, meaning }) => ({ label, meaning })),
      ...(gaps === undefined
        ? []
        : [{ label: "gap closed %", meaning: "how far p99 has come from round robin's (0) to the best attainable bound's (100)" }]),
    ],
    rows,
  };
}

function isBound(name: string, entrants: readonly Entrant[]): boolean {
  return entrants.some((entrant) => entrant.name === name && entrant.isBound);
}

function figureMarks(results: CellResults, entrants: readonly Entrant[], key: FigureKey): ReadonlyMap<string, Mark> {
  if (!figureOf(key).isJudged) return new Map();
  const competing = [...results.runs].filter(([name]) => !isBound(name, entrants));
  return marksOf(new Map(competing.map(([name, runs]) => [name, valuesOf(runs, key)])));
}

function someHave({ runs }: CellResults, figure: Figure): boolean {
  return [...runs.values()].some((results) => results.some((result) => figure.of(result) > 0));
}

function textOfFigure({ of, format, showsInterval = false }: Figure, runs: readonly RunResult[]): string {
  const { mean, plusMinus } = estimate(runs.map(of));
  return showsInterval && plusMinus !== undefined ? `${format(mean)} ± ${format(plusMinus)}` : format(mean);
}

/** By name; undefined where round robin or every attainable bound is missing. */
function gapsClosed({ runs }: CellResults, entrants: readonly Entrant[]): ReadonlyMap<string, number | undefined> | undefined {
  const p99 = (results: readonly RunResult[]) => meanOf(results, ({ latencyMs }) => latencyMs.p99);
  const roundRobin = runs.get(ROUND_ROBIN);
  const attainable = entrants.filter(({ isAttainable = false }) => isAttainable).map(({ name }) => name);
  const bounds = [...runs].filter(([name]) => attainable.includes(name)).map(([, results]) => p99(results));
  if (roundRobin === undefined || bounds.length === 0) return undefined;
  const [from, to] = [p99(roundRobin), Math.min(...bounds)];
  return new Map([...runs].map(([name, results]) => [name, gapClosed(p99(results), from, to)]));
}

function gapText(closed: number | undefined): string {
  return closed === undefined ? "–" : (closed * 100).toFixed(0);
}

function meanOf(results: readonly RunResult[], of: (result: RunResult) => number): number {
  return estimate(results.map(of)).mean;
}
