import type { Cell } from "./cell.ts";
import type { Search } from "./pods-needed.ts";
import { unknownName } from "./suggest.ts";
import type { Chapter, Suite } from "./suite.ts";

/** Which part of a suite to run. Plain data: worker threads are sent it. */
export interface Selection {
  /** Names of cells and searches; `*` stands for any letters, a comma separates several. Default: all. */
  readonly cells?: string | undefined;
  /** Names of entrants; a cell keeps those that it names itself. Default: all. */
  readonly policies?: readonly string[] | undefined;
  /** In place of each cell's own number. */
  readonly seeds?: number | undefined;
  /** Only what is marked `short`, with one seed. Default false. */
  readonly short?: boolean | undefined;
}

/**
 * The part of a suite that is selected: a suite again, of as many chapters as have anything left.
 *
 * @throws Error when a policy is unknown, or nothing is left
 */
export function select(suite: Suite, selection: Selection): Suite {
  const names = suite.entrants.map(({ name }) => name);
  for (const policy of selection.policies ?? []) {
    if (!names.includes(policy)) throw new Error(unknownName("policy", policy, names));
  }
  const chapters = suite.chapters.flatMap((chapter) => narrowed(chapter, selection));
  if (chapters.length === 0) throw new Error(nothingLeft(suite, selection));
  const used = new Set(chapters.flatMap(({ cells, searches = [] }) => [...cells, ...searches].flatMap(({ contenders }) => contenders)));
  return { ...suite, chapters, entrants: suite.entrants.filter(({ name }) => used.has(name)) };
}

function narrowed(chapter: Chapter, selection: Selection): readonly Chapter[] {
  const { cells, searches = [], extra, ...rest } = chapter;
  const left = {
    cells: cells.filter((cell) => isSelected(cell.scenario.name, cell, selection)).flatMap((cell) => reduced(cell, selection)),
    searches: searches.filter((search) => isSelected(search.name, search, selection)).flatMap((search) => reduced(search, selection)),
  };
  if (left.cells.length + left.searches.length === 0) return [];
  const isWhole = sizeOf(left.cells, left.searches) === sizeOf(cells, searches);
  return [{ ...rest, ...left, ...(extra !== undefined && isWhole ? { extra } : {}) }];
}

function isSelected(name: string, { short = false }: Pick<Cell, "short">, selection: Selection): boolean {
  return (short !== false || !selection.short) && matches(name, selection.cells ?? "*");
}

function reduced<T extends Cell | Search>(asked: T, { policies, seeds, short = false }: Selection): readonly T[] {
  const few = short && Array.isArray(asked.short) ? asked.short : asked.contenders;
  const contenders = asked.contenders.filter((name) => few.includes(name) && (policies?.includes(name) ?? true));
  if (contenders.length === 0) return [];
  return [{ ...asked, contenders, seeds: seeds ?? (short ? 1 : (asked.seeds ?? 5)) }];
}

function sizeOf(cells: readonly Cell[], searches: readonly Search[]): number {
  return [...cells, ...searches].reduce((total, { contenders }) => total + contenders.length, 0);
}

function matches(name: string, globs: string): boolean {
  return globs.split(",").some((glob) => {
    const pattern = glob
      .trim()
      .replace(/[^\w*]/g, "\\$&")
      .replaceAll("*", ".*");
    return new RegExp(`^${pattern}$`).test(name);
  });
}

function nothingLeft({ chapters }: Suite, { cells, policies, short = false }: Selection): string {
  const asked = [cells && `cells ${cells}`, policies && `policies ${policies.join(",")}`, short && "the short set"].filter(Boolean);
  const names = chapters.flatMap((chapter) => [
    ...chapter.cells.map(({ scenario }) => scenario.name),
    ...(chapter.searches ?? []).map(({ name }) => name),
  ]);
  return `nothing to run for ${asked.join(", ") || "this suite"}. The cells are: ${names.join(", ")}`;
}
