import type { WarmedByUse } from "../scenario.ts";

/** How warm calls have made a server: caches fill, code is compiled, and without calls it is all lost again. */
export class Warmth {
  readonly #addedMs: number;
  readonly #halfAfterCalls: number;
  readonly #forgetsMs: number;
  /** Those of long ago count less and less. */
  #calls = 0;
  #atMs = 0;

  constructor({ addedMs, halfAfterCalls, forgetsMs = Infinity }: WarmedByUse) {
    this.#addedMs = addedMs;
    this.#halfAfterCalls = halfAfterCalls;
    this.#forgetsMs = forgetsMs;
  }

  /** A call was served. */
  add(nowMs: number): void {
    this.#calls = this.#callsAt(nowMs) + 1;
    this.#atMs = nowMs;
  }

  /** What a call needs in addition to its work. */
  addedMs(nowMs: number): number {
    return this.#addedMs / (1 + this.#callsAt(nowMs) / this.#halfAfterCalls);
  }

  #callsAt(nowMs: number): number {
    return this.#calls * Math.exp((this.#atMs - nowMs) / this.#forgetsMs);
  }
}
