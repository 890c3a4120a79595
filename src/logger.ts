import { having } from "./check-options.ts";

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
/** How much a line of a log matters. */
export type LogLevel = (typeof levels)[number];

export const checkLogger = having<Logger>("a logger such as pino's, with the methods debug, info, warn, error", ...levels);

/** Says nothing: the default. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false };
