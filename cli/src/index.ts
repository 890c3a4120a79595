export type { Environment, ExitCode } from "./environment.ts";
export { runCli } from "./run-cli.ts";
