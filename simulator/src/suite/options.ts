import { parseArgs } from "node:util";
import type { Selection } from "./select.ts";

export const HELP = `Compares load balancing policies on simulated fleets, and writes simulator/report/index.html and results.json.

  npm run simulate                    everything, with all seeds
  npm run simulate -- --cells 'node-*' --policies p2c,prequal --seeds 2
  npm run simulate -- --short --check what CI runs: exact figures of the short set against simulator/short.json

  --cells GLOB       only the cells and searches of these names; * stands for any letters, a comma separates several
  --policies A,B     only these policies, in the cells that have them
  --seeds N          this many seeds in each cell, in place of its own number
  --short            only the cells of the short set, with one seed
  --check            compares with the committed figures (short.json with --short, RESULTS.md otherwise); exit code 1 if they differ
  --write            writes the committed figures
  --json FILE        every result of every run, too
  --report DIR       where the report goes. Default: simulator/report; with --check, there is none
  --threads N        how many runs at once. Default: as many as there are cores`;

export interface SuiteOptions {
  readonly selection: Selection;
  readonly check: boolean;
  readonly write: boolean;
  readonly json: string | undefined;
  readonly report: string | undefined;
  readonly threads: number | undefined;
}

/** @throws Error that says what is wrong with the arguments */
export function readOptions(args: readonly string[]): SuiteOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cells: { type: "string" },
      policies: { type: "string" },
      seeds: { type: "string" },
      short: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      json: { type: "string" },
      report: { type: "string" },
      threads: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const { cells, short, check, write, json, report } = values;
  const selection = { cells, policies: namesIn(values.policies), seeds: countIn("seeds", values.seeds), short };
  if (check && write) throw new Error("--check compares, --write accepts: choose one");
  if (write && !isWhole(selection)) throw new Error("--write needs a whole run: without --cells, --policies and --seeds");
  return { selection, check, write, json, report, threads: countIn("threads", values.threads) };
}

/** Whether everything of the full or of the short run is selected. */
export function isWhole({ cells, policies, seeds }: Selection): boolean {
  return cells === undefined && policies === undefined && seeds === undefined;
}

/** The names in a list with commas. */
export function namesIn(list: string | undefined): readonly string[] | undefined {
  return list
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** @throws Error unless it is a whole number from 1 on */
export function countIn(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${option} takes a whole number from 1 on, not "${text}"`);
  return Number(text);
}
