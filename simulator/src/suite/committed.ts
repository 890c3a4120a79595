import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { driftOf, type ExactFigures, exactFigures } from "./drift.ts";
import type { SuiteResults } from "./suite.ts";
import { resultsPage } from "./tables.ts";

/** A file of figures that is committed, so that a change shows what it does to them. */
export interface Committed {
  readonly file: string;
  /** How to accept what a run shows. */
  readonly accept: string;
  write(results: SuiteResults): void;
  /** What differs, one line each; empty when all is well. */
  drift(results: SuiteResults, isWhole: boolean): readonly string[];
}

/** Exact figures of the short set: what CI compares. */
export function shortFigures(file: string): Committed {
  return {
    file,
    accept: "npm run simulate -- --short --write",
    write: (results) => writeFileSync(file, `${JSON.stringify(exactFigures(results), undefined, 2)}\n`),
    drift: (results, isWhole) => driftOf(figuresIn(file), exactFigures(results), isWhole),
  };
}

/** The page of tables of the full run. */
export function resultsFile(file: string): Committed {
  return {
    file,
    accept: "npm run simulate -- --write",
    write: (results) => writeFileSync(file, resultsPage(results)),
    drift: (results, isWhole) =>
      isWhole ? lineDrift(linesOf(file), resultsPage(results).split("\n")) : ["only a whole run can be compared with it"],
  };
}

function figuresIn(file: string): ExactFigures {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ExactFigures) : {};
}

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
}

/** Line by line: the page has a line for each figure's row, and rows keep their places as long as cells do. */
function lineDrift(committed: readonly string[], current: readonly string[]): readonly string[] {
  const length = Math.max(committed.length, current.length);
  return Array.from({ length }, (_, line) => line).flatMap((line) => {
    const [was = "", is = ""] = [committed[line], current[line]];
    return was === is ? [] : [`line ${line + 1}: ${was || "(nothing)"}\n  is now ${is || "(nothing)"}`];
  });
}
