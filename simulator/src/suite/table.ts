/** A table of text, before it is known whether it becomes Markdown, HTML or lines on a terminal. */
export interface Table {
  readonly title?: string;
  /** What to know before reading it; one paragraph. */
  readonly note?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly TableCell[])[];
}

export interface Column {
  readonly label: string;
  /** For those who have not met it: shown where there is room. */
  readonly meaning?: string;
  /** Its cells are sentences rather than numbers: they stand to the left. Default false. */
  readonly isText?: boolean;
}

/** The first cell of a row names it. */
export type TableCell = string | { readonly text: string; readonly mark: Mark | undefined };

export type Mark = "best" | "worst";

export function textOf(cell: TableCell): string {
  return typeof cell === "string" ? cell : cell.text;
}

export function markOf(cell: TableCell): Mark | undefined {
  return typeof cell === "string" ? undefined : cell.mark;
}
