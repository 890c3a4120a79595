import type { Command } from "commander";
import type { Environment, ExitCode } from "./environment.ts";

/** A command adds itself to the program, and tells how it ended. */
export type AddCommand = (program: Command, environment: Environment, ended: (code: ExitCode) => void) => void;
