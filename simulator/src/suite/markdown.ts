import { markOf, type Table, type TableCell, textOf } from "./table.ts";

/** A table as Markdown: the best in bold, the worst in italics, numbers to the right. */
export function markdownTable({ title, note, columns, rows }: Table): string {
  const lines = [
    row(columns.map(({ label }) => escaped(label))),
    row(columns.map(({ isText = false }, index) => (index === 0 || isText ? "---" : "--:"))),
    ...rows.map((cells) => row(cells.map(cellText))),
  ];
  return [...(title === undefined ? [] : [`**${title}**`]), ...(note === undefined ? [] : [note]), lines.join("\n")].join("\n\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function cellText(cell: TableCell): string {
  const text = escaped(textOf(cell));
  const mark = markOf(cell);
  return mark === "best" ? `**${text}**` : mark === "worst" ? `_${text}_` : text;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}
