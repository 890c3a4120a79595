/** Older values count less and less, with this time constant in ms: what a server did when it was cold says nothing about now. */
const MEMORY_MS = 2_000;

/** A mean of so many of the latest values, or of those of the last seconds where there were fewer. */
export class RecentMean {
  readonly #newest: number;
  #value = 0;
  /** How many values it stands for. */
  #count = 0;
  #addedAtMs = 0;

  /** @param newest how many of the latest values count, >= 1 */
  constructor(newest: number) {
    this.#newest = newest;
  }

  /** Undefined before the first value. */
  get value(): number | undefined {
    return this.#count === 0 ? undefined : this.#value;
  }

  add(value: number, nowMs: number): void {
    const kept = this.#count * Math.exp((this.#addedAtMs - nowMs) / MEMORY_MS);
    this.#count = Math.min(this.#newest, kept + 1);
    this.#addedAtMs = nowMs;
    this.#value += (value - this.#value) / this.#count;
  }
}
