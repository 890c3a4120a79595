import { pino } from "pino";
import { runCli } from "./cli/run-cli.ts";

const running = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  logger: (level) => pino({ level, base: null }),
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
