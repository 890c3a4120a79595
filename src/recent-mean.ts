/** A mean of so many of the latest values, or of those of late where there were fewer. */
export class RecentMean {
  /** NaN before the first value. */
  value = NaN;
  readonly #newest: number;
  readonly #memoryMs: number;
  /** How many values it stands for. */
  #count = 0;
  #addedAtMs = 0;

  /**
   * @param newest how many of the latest values count, >= 1
   * @param memoryMs with which time constant older values count less and less, in ms; `Infinity` for never
   */
  constructor(newest: number, memoryMs: number) {
    this.#newest = newest;
    this.#memoryMs = memoryMs;
  }

  /** Whether it stands for as many values as it can. */
  get isSettled(): boolean {
    return this.#count === this.#newest;
  }

  add(value: number, nowMs: number): void {
    const kept = this.#memoryMs === Infinity ? this.#count : this.#count * Math.exp((this.#addedAtMs - nowMs) / this.#memoryMs);
    this.#addedAtMs = nowMs;
    this.#count = Math.min(this.#newest, kept + 1);
    this.value = kept === 0 ? value : this.value + (value - this.value) / this.#count;
  }
}
