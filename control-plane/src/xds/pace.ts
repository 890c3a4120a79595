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

  /**
   * @param mostMs that it is willing to wait
   * @returns how long the next one has to wait, in ms; undefined if that is too long, and then it takes nobody's turn. Otherwise those who are turned away
   * and come back would keep everybody waiting, and nobody would ever be let in.
   */
  next(nowMs: number, mostMs: number): number | undefined {
    const eachMs = 1_000 / this.#perSecond;
    const usedUntilMs = Math.max(this.#usedUntilMs, nowMs - this.#burst * eachMs) + eachMs;
    const waitMs = Math.max(0, usedUntilMs - nowMs);
    if (waitMs > mostMs) return undefined;
    this.#usedUntilMs = usedUntilMs;
    return waitMs;
  }
}
