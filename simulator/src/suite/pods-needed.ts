import type { RunResult } from "../result.ts";
import type { Scenario } from "../scenario.ts";
import type { Entrant } from "./entrant.ts";

/** How many pods does a goal take? The least count that reaches it, by bisection: more pods are taken to do no worse. */
export interface Search {
  /** Short and unique among cells and searches, such as `pods-400-clients-150ms`. */
  readonly name: string;
  /** One sentence for the report: the load, and the goal. */
  readonly description: string;
  /** Names of entrants. The first one is what the others are compared with. */
  readonly contenders: readonly string[];
  /** The same load on this many pods. */
  readonly vary: (count: number) => Scenario;
  /** The bounds of the search, both included. */
  readonly from: number;
  readonly to: number;
  readonly goal: (result: RunResult) => boolean;
  /** How many seeds there are. Default 5. */
  readonly seeds?: number;
  /** How many of them must reach the goal. Default: four of five, rounded up. */
  readonly agree?: number;
  /** Also part of the short run: with everybody, or with these alone. Default false. */
  readonly short?: boolean | readonly string[];
}

/** What one entrant needs. */
export interface PodsNeeded {
  readonly search: string;
  readonly contender: string;
  /** Undefined: more than the search's `to`. */
  readonly count: number | undefined;
  /** Every count that was tried, in this order. */
  readonly tried: readonly { readonly count: number; readonly reached: boolean }[];
  readonly wallMs: number;
}

export interface SearchResults {
  readonly search: Search;
  /** In the order of the search's contenders. */
  readonly needed: readonly PodsNeeded[];
}

/** @throws RangeError if `from` to `to` is no range */
export function podsNeeded(search: Search, entrant: Entrant): PodsNeeded {
  const { from, to } = search;
  if (!(from >= 1 && from <= to)) throw new RangeError(`a search goes from at least 1 to at least as many, not from ${from} to ${to}`);
  const tried: { readonly count: number; readonly reached: boolean }[] = [];
  let wallMs = 0;

  function reaches(count: number): boolean {
    const verdict = seedsAgree(search, entrant, count);
    wallMs += verdict.wallMs;
    tried.push({ count, reached: verdict.reached });
    return verdict.reached;
  }

  const count = reaches(to) ? leastOf(from, to, reaches) : undefined;
  return { search: search.name, contender: entrant.name, count, tried, wallMs };
}

/** The least number from `from` on that passes, where `to` does and so does everything above one that does. */
function leastOf(from: number, to: number, passes: (count: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** Runs seeds only until their verdict is certain. */
function seedsAgree(search: Search, entrant: Entrant, count: number): { readonly reached: boolean; readonly wallMs: number } {
  const seeds = search.seeds ?? 5;
  const agree = search.agree ?? Math.ceil(seeds * 0.8);
  const scenario = search.vary(count);
  let wallMs = 0;
  let reached = 0;
  for (let seed = 1; seed <= seeds && reached < agree && reached + seeds - seed + 1 >= agree; seed++) {
    const result = entrant.run(scenario, seed);
    wallMs += result.wallMs;
    if (search.goal(result)) reached++;
  }
  return { reached: reached >= agree, wallMs };
}
