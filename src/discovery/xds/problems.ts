import type { Check } from "../../check-options.ts";
import { unexpected } from "../endpoint-fields.ts";

const maxProblems = 20;

/** Collects what is wrong with a resource rather than throw at the first, up to a bound: a hostile one is wrong in a million places. */
export class Problems {
  readonly #texts: string[] = [];

  get texts(): readonly string[] {
    return this.#texts;
  }

  /** Whether to look no further. */
  get isFull(): boolean {
    return this.#texts.length >= maxProblems;
  }

  /** @returns nothing, in place of what could not be read */
  add(text: string): undefined {
    if (!this.isFull) this.#texts.push(text);
  }

  /** @param path of the field, with the names that it has in xDS */
  unexpected(path: string, expected: string, got: unknown): undefined {
    if (!this.isFull) this.add(unexpected(path, expected, got).message);
  }

  /** The value; undefined if it is not what the check takes, which is a problem. */
  checked<T>(value: T, path: string, check: Check<NoInfer<T>>): T | undefined {
    const found = check(value, path);
    for (const text of found) this.add(text);
    return found.length === 0 ? value : undefined;
  }
}
