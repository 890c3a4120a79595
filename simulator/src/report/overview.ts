import type { CellResults } from "../suite/cell.ts";
import type { Entrant } from "../suite/entrant.ts";
import { valuesOf } from "../suite/figures.ts";
import { formatMs } from "../suite/format.ts";
import type { SearchResults } from "../suite/pods-needed.ts";
import type { ChapterResults, SuiteResults } from "../suite/suite.ts";
import { estimate } from "../suite/summary.ts";
import { type Comparison, compareInCell, compareInSearch, errorRemark, type Verdict } from "./comparison.ts";
import { html, type Markup } from "./html.ts";

/** At this many times as much, a colour is at its strongest. */
const STRONGEST = 8;

/** A line of the overview. */
interface Row {
  readonly name: string;
  readonly description: string;
  readonly link: string;
  /** What the focus itself has. */
  readonly own: Markup;
  readonly compare: (name: string) => Comparison | undefined;
}

/** The whole suite at a glance: a row for each cell and search, a column for each policy, in it the policy relative to the focus. */
export function overview({ chapters, entrants }: SuiteResults, focus: string): Markup {
  const compared = entrants.filter(({ name }) => name !== focus);
  const groups = chapters.map((results) => ({ results, rows: rowsOf(results, focus) })).filter(({ rows }) => rows.length > 0);
  const all = groups.flatMap(({ rows }) => rows);
  return html`<div class="scroll"><table class="matrix">
<thead><tr><th scope="col">cell</th><th scope="col">${focus},<br>p99 ms</th>${compared.map(columnHead)}</tr></thead>
${groups.map(({ results, rows }) => chapterBody(results, rows, compared))}
<tfoot><tr><th scope="row">${focus} is</th><td>better<br>even<br>worse</td>${compared.map(({ name }) => html`<td>${tally(all, name)}</td>`)}</tr></tfoot>
</table></div>`;
}

function rowsOf({ chapter, cells, searches }: ChapterResults, focus: string): readonly Row[] {
  return [
    ...cells.flatMap((cell) => cellRow(cell, focus) ?? []),
    ...searches.flatMap((search) => searchRow(search, `chapter-${chapter.number}`, focus) ?? []),
  ];
}

function cellRow(cell: CellResults, focus: string): Row | undefined {
  const own = cell.runs.get(focus);
  if (own === undefined) return undefined;
  const { name, description } = cell.cell.scenario;
  const p99 = html`${formatMs(estimate(valuesOf(own, "p99Ms")).mean)}${small(errorRemark(own))}`;
  return { name, description, link: name, own: p99, compare: (other) => compareInCell(cell, other, focus) };
}

function searchRow(results: SearchResults, link: string, focus: string): Row | undefined {
  const own = results.needed.find(({ contender }) => contender === focus);
  if (own === undefined) return undefined;
  const { name, description, to } = results.search;
  const count = html`${own.count ?? `>${to}`} pods`;
  return { name, description, link, own: count, compare: (other) => compareInSearch(results, other, focus) };
}

function columnHead({ name, description }: Entrant): Markup {
  return html`<th scope="col" title="${description}"><span>${name}</span></th>`;
}

function chapterBody({ chapter }: ChapterResults, rows: readonly Row[], compared: readonly Entrant[]): Markup {
  const { number, name } = chapter;
  return html`<tbody><tr class="chapter"><th scope="rowgroup" colspan="${compared.length + 2}"><a href="#chapter-${number}">${number}. ${name}</a></th></tr>
${rows.map((row) => html`<tr><th scope="row" title="${row.description}"><a href="#${row.link}">${row.name}</a></th><td>${row.own}</td>${compared.map((entrant) => comparisonCell(row, entrant))}</tr>`)}</tbody>`;
}

function comparisonCell({ compare }: Row, { name, isBound = false }: Entrant): Markup {
  const comparison = compare(name);
  if (comparison === undefined) return html`<td></td>`;
  const { verdict, text, remark } = comparison;
  const colour = verdict === "even" || isBound ? "even" : verdict === "better" ? "cool" : "warm";
  return html`<td class="${colour}" style="--heat:${heatOf(comparison)}">${text}${small(remark)}</td>`;
}

function small(remark: string | undefined): Markup | undefined {
  return remark === undefined ? undefined : html`<small>${remark}</small>`;
}

/** In how many rows the focus is better, even, worse. */
function tally(rows: readonly Row[], name: string): Markup {
  const verdicts = rows.flatMap(({ compare }) => compare(name)?.verdict ?? []);
  const count = (wanted: Verdict) => verdicts.filter((verdict) => verdict === wanted).length;
  return html`${count("worse")}<br>${count("even")}<br>${count("better")}`;
}

/** How strong a colour is, 0 to 1. */
function heatOf({ ratio, verdict }: Comparison): number {
  const times = verdict === "worse" ? ratio : 1 / ratio;
  const strength = Number.isFinite(times) ? Math.min(1, Math.max(0, Math.log(times) / Math.log(STRONGEST))) : 0;
  return Math.round(100 * (0.12 + 0.63 * strength)) / 100;
}
