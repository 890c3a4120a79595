import { show } from "./show.ts";

/** Something that was given can't be used: thrown by whatever takes options, at once. The message names it, what it may be, and what it was: one line for each. */
export class ConfigurationError extends TypeError {
  override readonly name = "ConfigurationError";
}

/** The sentence of such an error: `ejection.jitter: expected a number from 0 to 1, got 7`. */
export function expected(path: string, what: string, got: unknown): string {
  return `${path}: expected ${what}, got ${show(got)}`;
}
