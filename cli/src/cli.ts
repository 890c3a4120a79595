import { emitKeypressEvents } from "node:readline";
import { runCli } from "./run-cli.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
// Whoever reads may have read enough, as head(1) has.
process.stdout.on("error", () => process.exit());

const { stdout, stdin, stderr } = process;
const isTerminal = stdout.isTTY === true;
// Not exit(): what was written to a pipe has to arrive.
process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => stdout.write(text),
  err: (text) => stderr.write(text),
  columns: () => stdout.columns ?? 200,
  rows: () => stdout.rows ?? 50,
  isTerminal,
  isColoured: isTerminal ? stdout.hasColors() && !process.env.NO_COLOR : Boolean(process.env.FORCE_COLOR),
  signal: stop.signal,
  onKey(listener) {
    if (!stdin.isTTY) return () => {};
    emitKeypressEvents(stdin);
    stdin.setRawMode(true);
    stdin.on("keypress", (_, { name, ctrl }) => (ctrl && name === "c" ? stop.abort() : listener(name ?? "")));
    return () => {
      stdin.setRawMode(false);
      stdin.pause();
    };
  },
  nodeVersion: process.version,
  timeOfDay: Date.now,
  random: Math.random,
});
