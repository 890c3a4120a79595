import type { Cell, CellResults } from "./cell.ts";
import type { Entrant } from "./entrant.ts";
import type { Search, SearchResults } from "./pods-needed.ts";
import type { Table } from "./table.ts";

/** All that is asked, and of whom. */
export interface Suite {
  readonly chapters: readonly Chapter[];
  /** Those whom cells and searches name; in the order of the overview. */
  readonly entrants: readonly Entrant[];
  /** Tables over all chapters: they skip what a narrowed run has not. */
  readonly summary?: (results: Omit<SuiteResults, "summary">) => readonly Table[];
}

/** Cells that belong together. */
export interface Chapter {
  readonly number: number;
  readonly name: string;
  /** What its cells try to find out, in a sentence. */
  readonly question: string;
  readonly cells: readonly Cell[];
  readonly searches?: readonly Search[];
  /** Tables of its own, such as a paper's figures beside ours. Not asked in a run that was narrowed down: every result is there. */
  readonly extra?: (results: ChapterResults) => readonly Table[];
}

export interface ChapterResults {
  readonly chapter: Chapter;
  readonly cells: readonly CellResults[];
  readonly searches: readonly SearchResults[];
}

export interface SuiteResults {
  readonly entrants: readonly Entrant[];
  readonly chapters: readonly ChapterResults[];
  readonly summary: readonly Table[];
}
