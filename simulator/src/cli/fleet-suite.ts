import { entrantOf, entrants } from "../contenders/registry.ts";
import type { Suite } from "../suite/suite.ts";
import { readFleet } from "./read-fleet.ts";

/**
 * A suite of one cell, from a user's fleet: for threads to load.
 *
 * @param path of the file
 * @throws Error when it can't be read, or a contender of its own has a name that is taken
 */
export async function loadSuite(path: string): Promise<Suite> {
  const { scenario, contenders } = await readFleet(path);
  const taken = contenders.find(({ name }) => entrants.some((entrant) => entrant.name === name));
  if (taken !== undefined) throw new Error(`${path}: there is a policy "${taken.name}" already: give yours another name`);
  const everybody = [...contenders.map(entrantOf), ...entrants];
  const cell = { scenario, contenders: everybody.map(({ name }) => name) };
  return {
    entrants: everybody,
    chapters: [{ number: 1, name: "Your fleet", question: "Which policy suits it best?", cells: [cell] }],
  };
}
