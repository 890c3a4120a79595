import type { Logger, LogLevel } from "meshless";
import type { AddCommand } from "../add-command.ts";
import { type Environment, exitCodes, painter, type Tone } from "../environment.ts";
import { addTargetOptions, openTarget, type TargetOptions } from "../target-options.ts";
import { plain } from "../words.ts";

const tones: Readonly<Record<LogLevel, Tone>> = { debug: "muted", info: "info", warn: "warn", error: "bad" };

/** What happens, a line each, until somebody stops it. */
export const watchCommand: AddCommand = (program, environment, ended) => {
  addTargetOptions(program.command("watch").argument("<target>", "such as xds:///checkout.shop:8080"))
    .description("tells what happens to the endpoints of a target as it happens, until it is stopped")
    .action(async (target: string, options: TargetOptions) => {
      await using transport = openTarget(target, options, { logger: tellingLogger(environment, options.json === true) });
      // Sockets and timers of a transport do not hold the process.
      const holds = setInterval(() => transport.inspect(), 1_000);
      await new Promise((resolve) => {
        if (environment.signal.aborted) resolve(undefined);
        else environment.signal.addEventListener("abort", resolve, { once: true });
      });
      clearInterval(holds);
      ended(exitCodes.well);
    });
};

function tellingLogger(environment: Environment, isJson: boolean): Logger {
  const { out, timeOfDay } = environment;
  const paint = painter(environment);
  const tell = (level: LogLevel) => (details: object, message: string) => {
    const at = new Date(timeOfDay());
    if (isJson) return out(`${JSON.stringify({ at: at.toISOString(), level, message, ...details }, errorsAsText)}\n`);
    out(`${paint("muted", at.toISOString().slice(11, 23))}  ${paint(tones[level], level.padEnd(5))}  ${plain(message)}\n`);
  };
  return { debug: tell("debug"), info: tell("info"), warn: tell("warn"), error: tell("error") };
}

function errorsAsText(_: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
