import type { RunResult } from "../result.ts";
import type { CellResults } from "../suite/cell.ts";
import type { SearchResults } from "../suite/pods-needed.ts";
import type { SuiteResults } from "../suite/suite.ts";

/** The part of a suite's results that criteria look at. */
export type Results = Pick<SuiteResults, "chapters" | "entrants">;

export function allCells({ chapters }: Results): readonly CellResults[] {
  return chapters.flatMap(({ cells }) => cells);
}

export function cellCalled(results: Results, name: string): CellResults | undefined {
  return allCells(results).find(({ cell }) => cell.scenario.name === name);
}

export function searchCalled({ chapters }: Results, name: string): SearchResults | undefined {
  return chapters.flatMap(({ searches }) => searches).find(({ search }) => search.name === name);
}

/** The runs of these in a cell, in their order; undefined unless all of them ran. */
export function runsOf<Names extends readonly string[]>(
  cell: CellResults | undefined,
  ...names: Names
): { readonly [Place in keyof Names]: readonly RunResult[] } | undefined {
  const runs = names.flatMap((name) => {
    const own = cell?.runs.get(name);
    return own === undefined ? [] : [own];
  });
  return runs.length === names.length ? (runs as { [Place in keyof Names]: readonly RunResult[] }) : undefined;
}

/** Undefined if it did not search, or found nothing. */
export function podsOf(search: SearchResults | undefined, name: string): number | undefined {
  return search?.needed.find(({ contender }) => contender === name)?.count;
}
