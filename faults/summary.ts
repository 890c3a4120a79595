import { type ContenderName, contenders } from "./contenders.ts";
import { holds } from "./scenario.ts";
import { isJudged, type Row } from "./table.ts";

/** A fault that was not shown under load: what was done instead, or why nothing was. */
export interface Told {
  readonly id: string;
  readonly title: string;
  readonly what: string;
}

const names = Object.keys(contenders) as readonly ContenderName[];

/** A line for each fault, in the order of their numbers: how many calls failed with each contender, and whether meshless kept its lines. */
export function summary(rows: readonly Row[], told: readonly Told[]): string {
  const ids = [...new Set([...rows, ...told].map(({ id }) => id))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const head = ["failed, %".padEnd(86), ...names.map(cell), "  lines kept"].join("");
  return [head, ...ids.map((id) => line(id, rows.filter(isOf(id)), told.filter(isOf(id))))].join("\n");
}

function line(id: string, rows: readonly Row[], [other]: readonly Told[]): string {
  const title = `${id.padEnd(13)} ${rows[0]?.title ?? other?.title}`.padEnd(86);
  if (other !== undefined) return `${title}  ${other.what}`;
  const failed = names.map((name) => cell(percent(rows.find(({ contender }) => contender === name))));
  return `${title}${failed.join("")}  ${kept(rows.find(({ contender }) => contender === "meshless"))}`;
}

function kept(row: Row | undefined): string {
  if (row === undefined) return "";
  if (!isJudged(row)) return "not judged";
  const { lines } = row;
  return `${lines.filter(holds).length} of ${lines.length}`;
}

function percent(row: Row | undefined): string {
  return row === undefined ? "" : ((100 * row.failed) / Math.max(1, row.calls)).toFixed(2);
}

function cell(text: string): string {
  return text.padStart(14);
}

function isOf(id: string): (one: { readonly id: string }) => boolean {
  return (one) => one.id === id;
}
