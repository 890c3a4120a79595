/** How fast new streams are let in: so many at once, then at a rate, so that a whole fleet that comes back does not stall those who are in. */
export class Pace {
  readonly #perSecond: number;
  readonly #burst: number;
  /** When the last one that was let in would have come, had all come at the rate. */
  #usedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** @returns how long the next one has to wait, in ms */
  next(nowMs: number): number {
    const eachMs = 1_000 / this.#perSecond;
    this.#usedUntilMs = Math.max(this.#usedUntilMs, nowMs - this.#burst * eachMs) + eachMs;
    return Math.max(0, this.#usedUntilMs - nowMs);
  }
}
