import type { RunResult } from "../result.ts";
import type { Scenario } from "../scenario.ts";

/** A scenario and those who run it. It is called as its scenario is. */
export interface Cell {
  readonly scenario: Scenario;
  /** Names of entrants, in the order of the tables. */
  readonly contenders: readonly string[];
  /** How many times each runs it, with the seeds 1, 2, ... Default 5. */
  readonly seeds?: number;
  /** Also part of the short run, whose exact figures are committed: with everybody, or with these alone. Default false. */
  readonly short?: boolean | readonly string[];
}

export interface CellResults {
  readonly cell: Cell;
  /** By name of the entrant, in the cell's order; one result a seed, in the order of seeds. */
  readonly runs: ReadonlyMap<string, readonly RunResult[]>;
}
