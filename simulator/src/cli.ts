import { existsSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { type CliOptions, DEFAULT_POLICIES, HELP, readOptions } from "./cli/options.ts";
import { readFleet } from "./cli/read-fleet.ts";
import { terminalTable } from "./cli/terminal-table.ts";
import { entrants } from "./contenders/registry.ts";
import { reportPage } from "./report/page.ts";
import { figuresJson } from "./report/results-json.ts";
import { loadSelected, type SuiteSource } from "./suite/load-suite.ts";
import { policyTable } from "./suite/policy-table.ts";
import { progressLine } from "./suite/progress-line.ts";
import { runSuite } from "./suite/run-suite.ts";
import type { SuiteResults } from "./suite/suite.ts";
import type { Table } from "./suite/table.ts";
import { windowTable } from "./suite/window-table.ts";

const FOCUS = "meshless";

async function compare(options: CliOptions, source: SuiteSource, signal: AbortSignal): Promise<void> {
  const { fleet, report, json, threads } = options;
  const beganAt = performance.now();
  const results = await runSuite(source, { threads, signal, onProgress: progressLine(process.stderr, () => performance.now() - beganAt) });
  if (report !== undefined) {
    writeFileSync(report, reportPage(results, { title: `${basename(fleet)}: load balancing policies compared`, focus: FOCUS }));
    console.error(`${report} shows it all`);
  }
  process.stdout.write(json ? figuresJson(results) : `${tablesOf(results).map(terminalTable).join("\n\n")}\n`);
}

function tablesOf({ chapters, entrants }: SuiteResults): readonly Table[] {
  return chapters.flatMap(({ cells }) =>
    cells.flatMap((cell) => {
      const { name, description } = cell.cell.scenario;
      return [{ ...policyTable(cell, entrants), title: name, note: description }, windowTable(cell) ?? []].flat();
    }),
  );
}

/** Checks all that the user wrote before anything runs. */
async function sourceOf({ fleet, policies, seeds }: CliOptions): Promise<SuiteSource> {
  if (!existsSync(fleet)) throw new Error(`there is no file ${fleet}`);
  const { contenders } = await readFleet(fleet);
  const chosen = policies ?? [...contenders.map(({ name }) => name), ...DEFAULT_POLICIES];
  const module = new URL(import.meta.url.endsWith(".ts") ? "cli/fleet-suite.ts" : "cli/fleet-suite.js", import.meta.url).href;
  const source = { module, argument: fleet, selection: { policies: chosen, seeds } };
  await loadSelected(source);
  return source;
}

function listPolicies(): string {
  const width = Math.max(...entrants.map(({ name }) => name.length));
  return entrants.map(({ name, description }) => `${name.padEnd(width)}  ${description}`).join("\n");
}

/** @returns the exit code */
async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    const options = readOptions(args);
    if (typeof options === "string") {
      console.log(options === "help" ? HELP : listPolicies());
      return 0;
    }
    const source = await sourceOf(options);
    return await compare(options, source, signal).then(
      () => 0,
      (error: unknown) => failed(error, signal),
    );
  } catch (error) {
    console.error(`${(error as Error).message}\n\nnpx meshless-simulator --help tells more`);
    return 2;
  }
}

function failed(error: unknown, signal: AbortSignal): number {
  if (signal.aborted) return 130;
  console.error(`\n${(error as Error).message}`);
  return 1;
}

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.exitCode = await main(process.argv.slice(2), stop.signal);
