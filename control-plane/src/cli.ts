import { processLog } from "./cli/process-log.ts";
import { runCli } from "./cli/run-cli.ts";

// Whoever reads may have read enough, as head(1) has.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => process.exit(code === "EPIPE" ? 0 : 1));

const running = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  logger: processLog,
});
if (typeof running === "number") process.exitCode = running;
else {
  // Sockets and timers do not hold the process: this does, until a signal comes.
  const holds = setInterval(() => {}, 2 ** 31 - 1);
  const stop = async () => {
    await running.drain();
    clearInterval(holds);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
