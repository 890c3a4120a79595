import { Command, CommanderError } from "commander";
import { checkCommand } from "./commands/check.ts";
import { endpointsCommand } from "./commands/endpoints.ts";
import { explainCommand } from "./commands/explain.ts";
import { lintCommand } from "./commands/lint.ts";
import { topCommand } from "./commands/top.ts";
import { watchCommand } from "./commands/watch.ts";
import { xdsCommand } from "./commands/xds.ts";
import { CommandFailure, type Environment, type ExitCode, exitCodes, painter } from "./environment.ts";

const helpText = `
Exit codes:
  0  all is well
  1  something is wrong with what was asked for
  2  the command can't be understood
  3  who was to be asked does not answer

Examples:
  meshless-cli check xds:///checkout.shop:8080 --control-plane control-plane.infra:18000
  meshless-cli explain dns:///checkout.shop:8080 --shard 7
  meshless-cli top
`;

/** @returns how it ended */
export async function runCli(args: readonly string[], environment: Environment): Promise<ExitCode> {
  const { out, err } = environment;
  let exitCode: ExitCode = exitCodes.well;
  const ended = (code: ExitCode) => {
    exitCode = code;
  };
  const program = new Command("meshless-cli").description("Asks what a client would do, and why").addHelpText("after", helpText);
  for (const add of [endpointsCommand, watchCommand, explainCommand, checkCommand, lintCommand, xdsCommand, topCommand])
    add(program, environment, ended);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: out, writeErr: err }).showHelpAfterError("(--help lists all options)");
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.well : exitCodes.misused;
    err(`${painter(environment)("bad", "✗")} ${(error as Error).message}\n`);
    return error instanceof CommandFailure ? error.exitCode : exitCodes.wrong;
  }
}
