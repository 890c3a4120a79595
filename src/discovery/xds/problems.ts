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

  /** What `read` returns; undefined if it throws a TypeError, which is the problem. */
  check<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.add(error.message);
      return undefined;
    }
  }
}
