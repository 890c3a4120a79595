import { show } from "./show.ts";

/** A logger in the shape of pino's: an object of details first, then a sentence. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
  /** Whether it writes what is of this level, as pino's and winston's can say. Default: it does. */
  isLevelEnabled?(level: LogLevel): boolean;
}

const levels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof levels)[number];

/** @throws TypeError that names the method which is missing */
export function assertLogger(logger: Logger): void {
  const given = logger as Partial<Logger> | null;
  const missing = levels.find((level) => typeof given?.[level] !== "function");
  if (missing === undefined) return;
  throw new TypeError(
    `logger: expected an object with the methods ${levels.join(", ")}, as pino's; its ${missing} is ${show(given?.[missing])}`,
  );
}

/** Says nothing: the default. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false };
