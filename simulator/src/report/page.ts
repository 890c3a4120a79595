import type { ChapterResults, SuiteResults } from "../suite/suite.ts";
import { chapterTables } from "../suite/tables.ts";
import { cellSection } from "./cell-section.ts";
import { html, type Markup } from "./html.ts";
import { htmlTable } from "./html-table.ts";
import { type Looks, looksOf } from "./looks.ts";
import { overview } from "./overview.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

export interface PageOptions {
  readonly title: string;
  /** The policy that all others are seen against. The first one that ran, if this one did not. */
  readonly focus: string;
}

/** The whole report as one page of HTML that loads nothing: pictures, styles and its few lines of script are in it. */
export function reportPage(results: SuiteResults, { title, focus: wanted }: PageOptions): string {
  const names = results.entrants.map(({ name }) => name);
  const focus = names.includes(wanted) ? wanted : (names[0] ?? wanted);
  const looks = looksOf(results.entrants, focus);
  return `<!doctype html>
${
  html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<link rel="icon" href="data:,"><style>${raw(STYLE)}</style></head><body>
<h1 id="top">${title}</h1>
${howToRead(results, focus)}
<nav><a href="#top">Overview</a>${results.summary.length > 0 && html`<a href="#summary">Summary</a>`}${results.chapters.map(({ chapter }) => html`<a href="#chapter-${chapter.number}">${chapter.number}. ${chapter.name}</a>`)}<a href="#policies">Policies</a></nav>
${overview(results, focus)}
${summary(results)}
${results.chapters.map((chapter) => chapterSection(chapter, results, looks, focus))}
${policies(results)}
<script>${raw(SCRIPT)}</script></body></html>`.markup
}
`;
}

function howToRead({ chapters }: SuiteResults, focus: string): Markup {
  const seeds = Math.max(
    0,
    ...chapters.flatMap(({ cells }) => cells.flatMap(({ runs }) => [...runs.values()].map(({ length }) => length))),
  );
  return html`<p>Each row is a simulated fleet, each column a way to balance; everybody meets the same calls at the same times${seeds > 1 && `, ${seeds} times over with other dice`}.
A number is the policy's p99 latency relative to that of <b>${focus}</b>: 2.00 takes twice as long.
<span class="key warm" style="--heat:.4">Orange</span> is worse than ${focus}, <span class="key cool" style="--heat:.4">blue</span> is better,
<span class="even">grey</span> ${seeds > 1 ? "may be chance (95 % confidence, seed by seed)" : "differs by less than 1 %"} or is a bound, which knows more than any client can. Who fails more calls is worse whatever its p99: the errors that come on top stand below.</p>
<p class="soft">Choose a cell for its pictures; there, point at a policy to pick it out. In tables, green is the best and whoever is as good as far as the seeds can tell, red the worst.</p>`;
}

function summary({ summary }: SuiteResults): Markup | false {
  return summary.length > 0 && html`<h2 id="summary">Summary</h2>${summary.map(htmlTable)}`;
}

function chapterSection(results: ChapterResults, { entrants }: SuiteResults, looks: Looks, focus: string): Markup {
  const { chapter, cells } = results;
  return html`<h2 id="chapter-${chapter.number}">${chapter.number}. ${chapter.name}</h2><p>${chapter.question}</p>
${cells.map((cell) => cellSection(cell, entrants, looks, focus))}
${chapterTables(results).map(htmlTable)}`;
}

function policies({ entrants }: SuiteResults): Markup {
  const rows = entrants.map(
    ({ name, description }) =>
      html`<tr><th scope="row">${name}</th><td style="text-align:left;white-space:normal">${description}</td></tr>`,
  );
  return html`<h2 id="policies">Policies</h2><div class="scroll"><table>${rows}</table></div>`;
}

function raw(markup: string): Markup {
  return { markup };
}
