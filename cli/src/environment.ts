import { styleText } from "node:util";

/** What a command has to do with the world. */
export interface Environment {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Of the terminal, or how wide lines may be elsewhere. */
  readonly columns: () => number;
  readonly rows: () => number;
  /** Whether stdout is a terminal, which can be drawn on again. */
  readonly isTerminal: boolean;
  readonly isColoured: boolean;
  /** Aborts when somebody stops the command. */
  readonly signal: AbortSignal;
  /** Hears of keys that are pressed, one at a time. @returns what gives the keyboard back */
  readonly onKey: (listener: (key: string) => void) => () => void;
  /** As `v24.17.0`. */
  readonly nodeVersion: string;
  /** In ms since 1970. */
  readonly timeOfDay: () => number;
  readonly random: () => number;
}

/** How a command ends. Numbers are for scripts: they are documented, and stay. */
export const exitCodes = {
  /** All is well. */
  well: 0,
  /** What was asked for was found, and something is wrong with it. */
  wrong: 1,
  /** The command can't be understood. */
  misused: 2,
  /** Who was to be asked does not answer. */
  silent: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export type Tone = "good" | "info" | "warn" | "bad" | "muted" | "strong";

const formats = { good: "green", info: "cyan", warn: "yellow", bad: "red", muted: "dim", strong: "bold" } as const;

/** Colours say again what words say. */
export type Paint = (tone: Tone, text: string) => string;

export function painter({ isColoured }: Pick<Environment, "isColoured">): Paint {
  return (tone, text) => (isColoured ? styleText(formats[tone], text, { validateStream: false }) : text);
}

/** What a command ends with, told on stderr. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
