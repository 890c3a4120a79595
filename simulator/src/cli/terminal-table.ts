import { styleText } from "node:util";
import { markOf, type Table, type TableCell, textOf } from "../suite/table.ts";

/** A table as lines of a terminal: the best in green, the worst in red, numbers to the right. Colours only where they are seen. */
export function terminalTable({ title, note, columns, rows }: Table): string {
  const labels = columns.map(({ label }) => label);
  const widths = labels.map((label, column) => Math.max(label.length, ...rows.map((row) => textOf(row[column] ?? "").length)));
  const line = (cells: readonly TableCell[]) => cells.map((cell, column) => styled(cell, column, widths[column] ?? 0)).join("  ");
  return [
    ...(title === undefined ? [] : [styleText("bold", title)]),
    ...(note === undefined ? [] : [note]),
    styleText("dim", line(labels)),
    ...rows.map(line),
  ].join("\n");
}

function styled(cell: TableCell, column: number, width: number): string {
  const text = column === 0 ? textOf(cell).padEnd(width) : textOf(cell).padStart(width);
  const mark = markOf(cell);
  return mark === undefined ? text : styleText(mark === "best" ? "green" : "red", text);
}
