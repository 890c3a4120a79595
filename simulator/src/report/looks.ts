import type { Entrant } from "../suite/entrant.ts";

/** How an entrant is drawn, the same in all pictures of a report: classes of the style sheet. */
export type Looks = (name: string) => string;

const COLOURS = 8;

/**
 * The policy that the report is about stands out, bounds stay in the background, the others share the colours in turn: once they are used up,
 * they come again with dashes.
 */
export function looksOf(entrants: readonly Entrant[], focus: string): Looks {
  const others = entrants.filter(({ name, isBound = false }) => name !== focus && !isBound).map(({ name }) => name);
  const bounds = entrants.filter(({ isBound = false }) => isBound).map(({ name }) => name);
  return (name) => {
    if (name === focus) return "line focus";
    if (bounds.includes(name)) return `line bound dash${bounds.indexOf(name) % 4}`;
    const place = Math.max(0, others.indexOf(name));
    return `line colour${place % COLOURS} dash${Math.floor(place / COLOURS) % 4}`;
  };
}
