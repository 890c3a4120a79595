import { parseArgs } from "node:util";
import { type ContenderName, contenders } from "./contenders.ts";

export interface FleetOptions {
  /** Names of cells, or globs, with commas between them. */
  readonly cells: string | undefined;
  readonly contenders: readonly ContenderName[] | undefined;
  readonly quick: boolean;
  /** At most so many of arrivals a cell. */
  readonly seconds: number | undefined;
  /** At most so many a cell. */
  readonly calls: number | undefined;
  /** In place of each cell's own number. */
  readonly callsPerServer: number | undefined;
  readonly seed: number;
  readonly check: boolean;
  readonly json: boolean;
  /** Tell what would run, and run nothing. */
  readonly list: boolean;
}

export const HELP = `npm run bench:fleet -- [options]

Real servers and clients, each a process on loopback: how evenly is each policy's load spread, and how long do calls take?
bench/fleet/README.md tells what is tried and how to read it.

  --cells GLOB             only cells of these names; * stands for any letters, a comma separates several
  --contenders NAMES       of ${Object.keys(contenders).join(", ")}   (each cell has its own)
  --quick                  some cells of each kind, shortened: within three minutes
  --seconds N              at most so long a cell, in time of arrivals
  --calls N                at most so many calls a cell
  --calls-per-server N     so many calls a server, in cells where calls are spread evenly or by weight
  --seed N                 of when calls arrive   (1)
  --check                  exit code 1 when a pass line of meshless is broken
  --json                   print one JSON document on stdout
  --list                   names of the cells that would run, and how long they take
  --help                   this
`;

/** @throws Error that names the option which cannot be, and why */
export function readOptions(args: readonly string[]): FleetOptions | "help" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      cells: text,
      contenders: text,
      quick: flag,
      seconds: text,
      calls: text,
      "calls-per-server": text,
      seed: text,
      check: flag,
      json: flag,
      list: flag,
      help: flag,
    },
  });
  if (values.help) return "help";
  return {
    cells: values.cells,
    contenders: contenderNames(values.contenders),
    quick: values.quick,
    seconds: wholeNumber("seconds", values.seconds, 1),
    calls: wholeNumber("calls", values.calls, 1),
    callsPerServer: wholeNumber("calls-per-server", values["calls-per-server"], 1),
    seed: wholeNumber("seed", values.seed, 0) ?? 1,
    check: values.check,
    json: values.json,
    list: values.list,
  };
}

function contenderNames(text: string | undefined): readonly ContenderName[] | undefined {
  return text?.split(",").map((part) => {
    const name = part.trim();
    if (Object.hasOwn(contenders, name)) return name as ContenderName;
    throw new Error(`--contenders takes ${Object.keys(contenders).join(", ")}, not ${name || "nothing"}`);
  });
}

function wholeNumber(name: string, text: string | undefined, atLeast: number): number | undefined {
  if (text === undefined) return;
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= atLeast) return value;
  throw new Error(`--${name} takes a whole number of at least ${atLeast}, not ${text || "nothing"}`);
}
