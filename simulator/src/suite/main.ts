import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { everythingJson } from "../report/results-json.ts";
import { writeReport } from "../report/write-report.ts";
import { type Committed, resultsFile, shortFigures } from "./committed.ts";
import { HELP, isWhole, readOptions, type SuiteOptions } from "./options.ts";
import { progressLine } from "./progress-line.ts";
import { runSuite } from "./run-suite.ts";
import type { SuiteResults } from "./suite.ts";

const SUITE = new URL("project-suite.ts", import.meta.url).href;
const HERE = fileURLToPath(new URL("../..", import.meta.url));
const PAGE = { title: "meshless: load balancing policies on simulated fleets", focus: "meshless" };

/** @returns the exit code: 1 if committed figures differ */
async function simulate(options: SuiteOptions, signal: AbortSignal): Promise<number> {
  const { selection, threads } = options;
  const beganAt = performance.now();
  const onProgress = progressLine(process.stderr, () => performance.now() - beganAt);
  const results = await runSuite({ module: SUITE, selection }, { threads, signal, onProgress });
  console.log(`simulated in ${Math.round((performance.now() - beganAt) / 1000)} s`);
  report(options, results);
  return settle(options, results);
}

/** A check leaves the report of the last run in peace. */
function report({ check, report = check ? undefined : `${HERE}report`, json }: SuiteOptions, results: SuiteResults): void {
  if (report !== undefined) console.log(`${shown(writeReport(report, results, PAGE))} shows it all`);
  if (json !== undefined) writeFileSync(json, everythingJson(results));
}

/** Writes the committed figures or compares them, as the options say. */
function settle({ selection, check, write }: SuiteOptions, results: SuiteResults): number {
  const committed = selection.short ? shortFigures(`${HERE}short.json`) : resultsFile(`${HERE}RESULTS.md`);
  if (write) {
    committed.write(results);
    console.log(`${shown(committed.file)} written`);
  }
  return check ? compare(committed, results, isWhole(selection)) : 0;
}

function compare(committed: Committed, results: SuiteResults, whole: boolean): number {
  const drift = committed.drift(results, whole);
  const file = shown(committed.file);
  if (drift.length === 0) {
    console.log(`${file} is as committed`);
    return 0;
  }
  console.error(`${file} differs from what is simulated now, in ${drift.length} place${drift.length === 1 ? "" : "s"}:`);
  for (const line of drift.slice(0, 40)) console.error(`  ${line}`);
  if (drift.length > 40) console.error(`  and ${drift.length - 40} more`);
  console.error(`If that is meant, accept it: ${committed.accept}`);
  return 1;
}

function shown(path: string): string {
  return relative(process.cwd(), path);
}

function optionsOrExit(): SuiteOptions {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== "help") return options;
    console.log(HELP);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

const options = optionsOrExit();
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
try {
  process.exitCode = await simulate(options, stop.signal);
} catch (error) {
  if (!stop.signal.aborted) console.error(`\n${(error as Error).message}`);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
