import { setTimeout as delay } from "node:timers/promises";
import { InvalidArgumentError } from "commander";
import type { DebugSnapshot } from "meshless/debug";
import type { AddCommand } from "../add-command.ts";
import { readSnapshot } from "../debug-page-client.ts";
import { CommandFailure, type Environment, exitCodes, painter } from "../environment.ts";
import { seconds } from "../target-options.ts";
import { orders, topText } from "../top-text.ts";

interface TopOptions {
  readonly page: string;
  readonly transport: number;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly wait: number;
}

const alternateScreen = "\x1b[?1049h\x1b[?25l";
const usualScreen = "\x1b[?25h\x1b[?1049l";

/** What a process does just now: its page in a terminal. */
export const topCommand: AddCommand = (program, environment, ended) => {
  program
    .command("top")
    .description("shows what the transports of a process do, from its debug page, until q is pressed")
    .option("--page <url>", "of the process", "http://127.0.0.1:9990/")
    .option("--transport <n>", "which of its transports, from 0", place, 0)
    .option("--once", "print it once, and end: the default where stdout is no terminal")
    .option("--wait <seconds>", "with --once, how long to look before: figures are of that time", seconds, 2)
    .option("--json", "print data once, and end")
    .action(async (options: TopOptions) => {
      ended(exitCodes.well);
      if (environment.isTerminal && !options.once && !options.json) return follow(options, environment);
      // The first look begins to count.
      await readSnapshot(options.page, options.transport);
      await delay(options.wait * 1_000, undefined, { signal: environment.signal }).catch(() => {});
      const snapshot = await readSnapshot(options.page, options.transport);
      if (options.json) return environment.out(`${JSON.stringify(snapshot, undefined, 2)}\n`);
      const lines = topText(snapshot, {
        order: 0,
        width: environment.columns(),
        height: Number.POSITIVE_INFINITY,
        paint: painter(environment),
      });
      environment.out(`${lines.join("\n")}\n`);
    });
};

function place(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError("expected a whole number, 0 or more");
  return Number(text);
}

async function follow({ page, transport }: TopOptions, environment: Environment): Promise<void> {
  const { out, columns, rows, signal, onKey } = environment;
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const paint = painter(environment);
  let [shown, order] = [transport, 0];
  let snapshot: DebugSnapshot | undefined = await readSnapshot(page, shown);
  let problem: string | undefined;
  let wake = () => {};
  const draw = () => {
    if (snapshot === undefined) return;
    const lines = topText(snapshot, { order, width: columns(), height: rows(), paint, problem });
    out(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`);
  };
  const releaseKeys = onKey((key) => {
    if (key === "q") stop.abort();
    if (key === "s") order = (order + 1) % orders.length;
    if (key === "t") {
      shown = (shown + 1) % Math.max(1, snapshot?.targets.length ?? 1);
      wake();
    }
    draw();
  });
  out(alternateScreen);
  try {
    while (!stopped.aborted) {
      draw();
      await Promise.race([
        delay(snapshot?.nextInMs ?? 1_000, undefined, { signal: stopped }).catch(() => {}),
        new Promise<void>((resolve) => (wake = resolve)),
      ]);
      if (stopped.aborted) break;
      try {
        snapshot = await readSnapshot(page, shown);
        problem = undefined;
      } catch (error) {
        if (!(error instanceof CommandFailure)) throw error;
        problem = error.message;
      }
    }
  } finally {
    out(usualScreen);
    releaseKeys();
  }
}
