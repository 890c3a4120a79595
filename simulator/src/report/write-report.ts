import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SuiteResults } from "../suite/suite.ts";
import { type PageOptions, reportPage } from "./page.ts";
import { figuresJson } from "./results-json.ts";

/**
 * Writes `index.html` and `results.json` into a folder, which is made if need be.
 *
 * @returns the path of the page
 */
export function writeReport(directory: string, results: SuiteResults, options: PageOptions): string {
  mkdirSync(directory, { recursive: true });
  const page = join(directory, "index.html");
  writeFileSync(page, reportPage(results, options));
  writeFileSync(join(directory, "results.json"), figuresJson(results));
  return page;
}
