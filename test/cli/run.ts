import type { Environment } from "../../cli/src/environment.ts";
import { runCli } from "../../cli/src/run-cli.ts";
import { seededRandom } from "../../src/testing/index.ts";

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process, as if its output went to a pipe. */
export async function run(args: readonly string[], given: Partial<Environment> = {}): Promise<Said> {
  const said = { out: "", err: "" };
  const code = await runCli(args, {
    out(text) {
      said.out += text;
    },
    err(text) {
      said.err += text;
    },
    columns: () => 160,
    rows: () => 50,
    isTerminal: false,
    isColoured: false,
    signal: new AbortController().signal,
    onKey: () => () => {},
    nodeVersion: "v24.21.0",
    timeOfDay: Date.now,
    random: seededRandom(1),
    ...given,
  });
  return { code, ...said };
}
