/** A mean in which every newest value has the same weight. While there are so few that each weighs more than that, all weigh the same. */
export class RecentMean {
  readonly #newestShare: number;
  #value = 0;
  #count = 0;

  /** @param newestShare weight of the newest value, above 0 to 1: 0.005 for some 200 of the latest */
  constructor(newestShare: number) {
    this.#newestShare = newestShare;
  }

  /** Undefined before the first value. */
  get value(): number | undefined {
    return this.#count === 0 ? undefined : this.#value;
  }

  add(newest: number): void {
    this.#count += 1;
    this.#value += Math.max(this.#newestShare, 1 / this.#count) * (newest - this.#value);
  }
}
