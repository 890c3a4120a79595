import { stripVTControlCharacters } from "node:util";

export interface Column<Row> {
  readonly name: string;
  readonly isRight?: boolean;
  /** Cells may have colours. */
  readonly cell: (row: Row) => string;
  /** The narrower the terminal, the fewer columns: those of the highest number go first. Default 0: never. */
  readonly dispensable?: number;
  /** Takes what is left of the width, and is cut there. */
  readonly isElastic?: boolean;
}

const gap = 2;
/** An elastic column that is narrower says nothing. */
const leastElastic = 20;

/** Rows below their heads, no line longer than `width`. */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  head = (text: string) => text,
): readonly string[] {
  const cells = new Map(columns.map((column) => [column, rows.map((row) => oneLine(column.cell(row)))]));
  const natural = (column: Column<Row>) => Math.max(column.name.length, ...(cells.get(column) ?? []).map(lengthOf));
  const shown = fitting(columns, natural, width);
  const fixed = shown.reduce((sum, column) => sum + (column.isElastic ? 0 : natural(column)), gap * (shown.length - 1));
  const widthOf = (column: Column<Row>) => (column.isElastic ? Math.min(natural(column), Math.max(0, width - fixed)) : natural(column));
  const line = (texts: readonly string[]) =>
    cut(
      shown
        .map((column, place) => aligned(cut(texts[place] ?? "", widthOf(column)), widthOf(column), column.isRight === true))
        .join(" ".repeat(gap)),
      width,
    ).trimEnd();
  const body = rows.map((_, place) => line(shown.map((column) => cells.get(column)?.[place] ?? "")));
  return [head(line(shown.map(({ name }) => name))), ...body];
}

function fitting<Row>(columns: readonly Column<Row>[], natural: (column: Column<Row>) => number, width: number): readonly Column<Row>[] {
  const needed = (some: readonly Column<Row>[]) =>
    some.reduce(
      (sum, column) => sum + (column.isElastic ? Math.min(leastElastic, natural(column)) : natural(column)),
      gap * (some.length - 1),
    );
  let shown = columns;
  while (needed(shown) > width) {
    const last = Math.max(...shown.map(({ dispensable = 0 }) => dispensable));
    if (last === 0) return shown;
    shown = shown.filter(({ dispensable = 0 }) => dispensable !== last);
  }
  return shown;
}

/** Control characters of others would draw on the terminal; colours are ours. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\t]+/g, " ");
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

function aligned(text: string, width: number, isRight: boolean): string {
  const padding = " ".repeat(Math.max(0, width - lengthOf(text)));
  return isRight ? padding + text : text + padding;
}

/** Colours take no room, and end where the text does. */
export function cut(text: string, width: number): string {
  if (lengthOf(text) <= width) return text;
  let left = Math.max(0, width - 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  const parts = text.split(/(\x1b\[[\d;]*m)/).map((part, place) => {
    if (place % 2 === 1) return part;
    const kept = part.slice(0, left);
    left -= kept.length;
    return kept;
  });
  return `${parts.join("")}…`;
}
