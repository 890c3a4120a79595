import { type FigureKey, figureKeys, figureOf } from "./figures.ts";
import type { SuiteResults } from "./suite.ts";

/** Exact figures: cell or search, then entrant, then figure. What is not a number is null, as JSON has it. */
export type ExactFigures = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number | null>>>>>>;

/**
 * The figures that are committed: of the first seed, to six significant digits. The simulator is deterministic, so that any change of them is a
 * change of what it runs.
 */
export function exactFigures({ chapters }: SuiteResults): ExactFigures {
  return Object.fromEntries(
    chapters.flatMap(({ cells, searches }) => [
      ...cells.map(({ cell, runs }) => [
        cell.scenario.name,
        mapValues(runs, ([first]) => ({ calls: exact(first?.calls), ...figuresOf((key) => exact(first && figureOf(key).of(first))) })),
      ]),
      ...searches.map(({ search, needed }) => [
        search.name,
        mapValues(new Map(needed.map(({ contender, count }) => [contender, count])), (count) => ({ pods: exact(count) })),
      ]),
    ]),
  );
}

/**
 * What differs between the committed figures and those of a run, one line each: which cell, entrant and figure, and by how much.
 *
 * @param isWhole whether the run was to have everything that is committed; otherwise only what it has is compared
 */
export function driftOf(committed: ExactFigures, current: ExactFigures, isWhole: boolean): readonly string[] {
  const left = flat(committed);
  const right = flat(current);
  const places = new Set([...(isWhole ? left.keys() : []), ...right.keys()]);
  return [...places].flatMap((place) => {
    const [was, is] = [left.get(place), right.get(place)];
    return was === is ? [] : [`${place}: ${textOf(was)} is now ${textOf(is)}${changeText(was, is)}`];
  });
}

function figuresOf(of: (key: FigureKey) => number | null): Readonly<Record<string, number | null>> {
  return Object.fromEntries(figureKeys.map((key) => [key, of(key)]));
}

function mapValues<T, U>(map: ReadonlyMap<string, T>, of: (value: T) => U): Readonly<Record<string, U>> {
  return Object.fromEntries([...map].map(([name, value]) => [name, of(value)]));
}

function exact(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
}

function flat(figures: ExactFigures): ReadonlyMap<string, number | null> {
  return new Map(
    Object.entries(figures).flatMap(([cell, entrants]) =>
      Object.entries(entrants).flatMap(([entrant, values]) =>
        Object.entries(values).map(([figure, value]) => [`${cell}, ${entrant}, ${figure}`, value] as const),
      ),
    ),
  );
}

function textOf(value: number | null | undefined): string {
  return value === undefined ? "absent" : value === null ? "not a number" : `${value}`;
}

function changeText(was: number | null | undefined, is: number | null | undefined): string {
  if (!was || typeof is !== "number") return "";
  const percent = (is / was - 1) * 100;
  return ` (${percent > 0 ? "+" : ""}${percent.toPrecision(3)} %)`;
}
