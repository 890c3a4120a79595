import type { RunResult } from "../result.ts";
import type { ClientGroup, Scenario } from "../scenario.ts";
import type { Cell, CellResults } from "./cell.ts";
import type { Entrant } from "./entrant.ts";
import { type PodsNeeded, podsNeeded, type Search, type SearchResults } from "./pods-needed.ts";
import { unknownName } from "./suggest.ts";
import type { Suite, SuiteResults } from "./suite.ts";

/** What one thread does at a time. */
export interface Job {
  /** For progress, and for the error when it fails: cell, entrant and seed. */
  readonly label: string;
  /** What it costs, relative to other jobs: about the calls it simulates. */
  readonly weight: number;
  run(): RunResult | PodsNeeded;
}

/**
 * Everything that a suite asks for, in the order of its chapters. Two threads that load the same suite get the same list, so that the place
 * in it says which job is meant.
 *
 * @throws Error when a cell names an entrant that the suite does not know
 */
export function jobsOf(suite: Suite): readonly Job[] {
  return suite.chapters.flatMap(({ cells, searches = [] }) => [
    ...cells.flatMap((cell) => cellJobs(cell, suite.entrants)),
    ...searches.flatMap((search) => searchJobs(search, suite.entrants)),
  ]);
}

/** Puts the answers to the jobs of a suite, in their order, where they belong. */
export function resultsOf(suite: Suite, answers: readonly (RunResult | PodsNeeded)[]): SuiteResults {
  const rest = answers[Symbol.iterator]();
  const take = <T>(count: number): readonly T[] => Array.from({ length: count }, () => rest.next().value as T);
  const chapters = suite.chapters.map((chapter) => ({
    chapter,
    cells: chapter.cells.map(
      (cell): CellResults => ({ cell, runs: new Map(cell.contenders.map((name) => [name, take<RunResult>(seedsOf(cell))])) }),
    ),
    searches: (chapter.searches ?? []).map((search): SearchResults => ({ search, needed: take<PodsNeeded>(search.contenders.length) })),
  }));
  const { entrants, summary } = suite;
  return { entrants, chapters, summary: summary?.({ entrants, chapters }) ?? [] };
}

function cellJobs(cell: Cell, entrants: readonly Entrant[]): readonly Job[] {
  const weight = callsOf(cell.scenario);
  return cell.contenders.flatMap((name) => {
    const entrant = entrantCalled(name, entrants, cell.scenario.name);
    return Array.from({ length: seedsOf(cell) }, (_, index): Job => {
      const seed = index + 1;
      return { label: `${cell.scenario.name}, ${name}, seed ${seed}`, weight, run: () => entrant.run(cell.scenario, seed) };
    });
  });
}

function searchJobs(search: Search, entrants: readonly Entrant[]): readonly Job[] {
  const rounds = Math.ceil(Math.log2(search.to - search.from + 1)) + 1;
  const weight = callsOf(search.vary(search.to)) * rounds * (search.seeds ?? 5);
  return search.contenders.map((name) => {
    const entrant = entrantCalled(name, entrants, search.name);
    return { label: `${search.name}, ${name}`, weight, run: () => podsNeeded(search, entrant) };
  });
}

function seedsOf({ seeds = 5 }: Cell): number {
  return seeds;
}

function entrantCalled(name: string, entrants: readonly Entrant[], where: string): Entrant {
  const entrant = entrants.find((other) => other.name === name);
  if (entrant !== undefined) return entrant;
  throw new Error(
    `${where}: ${unknownName(
      "policy",
      name,
      entrants.map((other) => other.name),
    )}`,
  );
}

/** How many calls arrive. */
function callsOf({ clients, durationMs }: Scenario): number {
  return clients.reduce((total, { rate }) => total + callsAt(rate, durationMs), 0);
}

function callsAt(rate: ClientGroup["rate"], durationMs: number): number {
  if (typeof rate === "number") return (rate * durationMs) / 1000;
  return rate.reduce((total, { atMs, perSecond, ramp = false }, index) => {
    const next = rate[index + 1];
    const untilMs = Math.min(next?.atMs ?? durationMs, durationMs);
    const meanPerSecond = ramp && next !== undefined ? (perSecond + next.perSecond) / 2 : perSecond;
    return total + (meanPerSecond * Math.max(0, untilMs - atMs)) / 1000;
  }, 0);
}
