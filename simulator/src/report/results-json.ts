import type { RunResult } from "../result.ts";
import { figureKeys, figureOf } from "../suite/figures.ts";
import type { SuiteResults } from "../suite/suite.ts";

/** The figures of every run, without its curves: for tools, beside the page. */
export function figuresJson({ chapters }: SuiteResults): string {
  return json(chapters, (run) => ({
    seed: run.seed,
    calls: run.calls,
    ...Object.fromEntries(figureKeys.map((key) => [key, figureOf(key).of(run)])),
    windows: run.windows,
  }));
}

/** Every result of every run, with all that is in it. */
export function everythingJson({ chapters }: SuiteResults): string {
  return json(chapters, (run) => run);
}

function json(chapters: SuiteResults["chapters"], runJson: (run: RunResult) => unknown): string {
  const plain = chapters.map(({ chapter: { number, name, question }, cells, searches }) => ({
    number,
    name,
    question,
    cells: cells.map(({ cell, runs }) => ({
      name: cell.scenario.name,
      description: cell.scenario.description,
      runs: Object.fromEntries([...runs].map(([contender, results]) => [contender, results.map(runJson)])),
    })),
    searches: searches.map(({ search: { name, description }, needed }) => ({ name, description, needed })),
  }));
  return `${JSON.stringify({ chapters: plain })}\n`;
}
