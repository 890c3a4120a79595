import { parseArgs } from "node:util";
import { type ContenderName, contenders } from "./contenders.ts";

export interface FaultOptions {
  readonly only: readonly string[] | undefined;
  readonly contenders: readonly ContenderName[] | undefined;
  readonly short: boolean;
  /** How often all servers are replaced, in faults of that kind. */
  readonly rounds: number;
  readonly json: boolean;
  readonly check: boolean;
}

export const HELP = `npm run faults -- [options]

Real servers and clients under load, each a process, and a fault: what do callers see of it? faults/README.md tells what is tried.

  --only F1,F7          these faults, with all their variants   (all)
  --contenders NAMES    of ${Object.keys(contenders).join(", ")}   (each fault has its own)
  --rounds N            how often all servers are replaced, where they are   (1)
  --short               a few, of meshless alone: within three minutes
  --check               exit code 1 when meshless misses a line
  --json                print one JSON document on stdout
  --help                this
`;

/** @throws Error that names the option which cannot be, and why */
export function readOptions(args: readonly string[]): FaultOptions | "help" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const options = { only: text, contenders: text, rounds: text, short: flag, json: flag, check: flag, help: flag };
  const { values } = parseArgs({ args: [...args], options });
  if (values.help) return "help";
  return {
    only: values.only?.split(","),
    contenders: values.contenders?.split(",").map(contenderNamed),
    short: values.short,
    rounds: wholeNumber("rounds", values.rounds ?? "1"),
    json: values.json,
    check: values.check,
  };
}

function contenderNamed(name: string): ContenderName {
  if (Object.hasOwn(contenders, name)) return name as ContenderName;
  throw new Error(`--contenders takes ${Object.keys(contenders).join(", ")}, not ${name || "nothing"}`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${name} takes a whole number of at least 1, not ${text || "nothing"}`);
}
