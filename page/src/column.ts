import type { ComponentChildren } from "preact";

/** A column of a table. */
export interface Column<Row, Most = undefined> {
  readonly name: string;
  /** What it means, for who points at it. */
  readonly title: string;
  readonly isNumber?: boolean;
  /** Whoever sorts by it looks for the largest first. Default: of numbers. */
  readonly isDown?: boolean;
  /** By what rows are sorted. What is undefined comes last. */
  readonly key: (row: Row) => number | string | undefined;
  readonly cell: (row: Row, most: Most) => ComponentChildren;
}

/** Of a table: by which column. */
export interface Sorting {
  readonly name: string;
  readonly isDown: boolean;
}

/** Whoever sorts by figures looks for the largest. */
export function isDownAtFirst<Row, Most>(columns: readonly Column<Row, Most>[], name: string): boolean {
  const column = columns.find((other) => other.name === name);
  return column?.isDown ?? column?.isNumber ?? false;
}

/** What rows are filtered by, and told apart by. */
interface Filtered<Row, Most> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row, Most>[];
  readonly filter: { readonly value: string };
  readonly idOf: (row: Row) => string;
  readonly textOf: (row: Row) => string;
}

/** Those that pass the filter. */
export function inOrder<Row, Most>(
  { rows, columns, filter, idOf, textOf }: Filtered<Row, Most>,
  { name, isDown }: Sorting,
): readonly Row[] {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const key = columns.find((other) => other.name === name)?.key ?? idOf;
  const byId = (one: Row, other: Row) => idOf(one).localeCompare(idOf(other), "en", { numeric: true });
  return rows
    .filter((row) => words.length === 0 || words.every((word) => textOf(row).includes(word)))
    .sort((one, other) => compare(key(one), key(other), isDown ? -1 : 1) || byId(one, other));
}

function compare(one: number | string | undefined, other: number | string | undefined, sign: number): number {
  if (one === undefined || other === undefined) return one === other ? 0 : one === undefined ? 1 : -1;
  if (typeof one === "number" && typeof other === "number") return sign * (one - other);
  return sign * String(one).localeCompare(String(other), "en", { numeric: true });
}
