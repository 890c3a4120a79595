import type { CellResults } from "./cell.ts";
import type { Entrant } from "./entrant.ts";
import { markdownTable } from "./markdown.ts";
import { policyTable } from "./policy-table.ts";
import { searchTable } from "./search-table.ts";
import type { ChapterResults, SuiteResults } from "./suite.ts";
import type { Table } from "./table.ts";
import { windowTable } from "./window-table.ts";

const HEAD = `# Results

Written by \`npm run simulate\`; the pictures are in its report. Each figure is the mean over seeds, ± is the 95 % confidence interval. Everybody in a cell
meets the same calls at the same times. **Bold** is the best and whoever is as good as far as the seeds can tell, _italic_ the worst; bounds know more than
any client can and don't compete. Columns in which everybody has nothing are left out.`;

/** The results of a suite as a page of Markdown. The same results give the same page. */
export function resultsPage({ chapters, entrants, summary }: SuiteResults): string {
  return `${[HEAD, ...summaryPart(summary), ...chapters.flatMap((chapter) => chapterPart(chapter, entrants)), policyList(entrants)].join("\n\n")}\n`;
}

/** What belongs beneath the cells of a chapter: the pods needed, and tables of its own. */
export function chapterTables(results: ChapterResults): readonly Table[] {
  const { chapter, searches } = results;
  return [...(searches.length === 0 ? [] : [searchTable(searches)]), ...(chapter.extra?.(results) ?? [])];
}

function summaryPart(summary: readonly Table[]): readonly string[] {
  return summary.length === 0 ? [] : ["## Summary", ...summary.map(markdownTable)];
}

function chapterPart(results: ChapterResults, entrants: readonly Entrant[]): readonly string[] {
  const { chapter, cells } = results;
  return [
    `## ${chapter.number}. ${chapter.name}`,
    chapter.question,
    ...cells.flatMap((cell) => cellPart(cell, entrants)),
    ...chapterTables(results).map(markdownTable),
  ];
}

function cellPart(results: CellResults, entrants: readonly Entrant[]): readonly string[] {
  const { name, description } = results.cell.scenario;
  const windows = windowTable(results);
  return [
    `### ${name}`,
    description,
    markdownTable(policyTable(results, entrants)),
    ...(windows === undefined ? [] : [markdownTable(windows)]),
  ];
}

function policyList(entrants: readonly Entrant[]): string {
  return ["## Policies", ...entrants.map(({ name, description }) => `- \`${name}\`: ${description}`)].join("\n");
}
