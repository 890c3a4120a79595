/** Quantiles of the last so many numbers. Allocates nothing once made. */
export class RecentQuantile {
  readonly #arrivals: Float64Array;
  readonly #sorted: Float64Array;
  #size = 0;
  #next = 0;

  /** @param window how many numbers are remembered, >= 1 */
  constructor(window: number) {
    this.#arrivals = new Float64Array(window);
    this.#sorted = new Float64Array(window);
  }

  add(value: number): void {
    if (this.#size === this.#arrivals.length) this.#drop(this.#arrivals[this.#next] as number);
    this.#arrivals[this.#next] = value;
    this.#next = (this.#next + 1) % this.#arrivals.length;
    const place = this.#placeOf(value);
    this.#sorted.copyWithin(place + 1, place, this.#size);
    this.#sorted[place] = value;
    this.#size += 1;
  }

  /** The least number that at least this share of them are at or below; NaN before the first. */
  at(share: number): number {
    if (this.#size === 0) return NaN;
    return this.#sorted[Math.max(0, Math.ceil(share * this.#size) - 1)] as number;
  }

  #drop(value: number): void {
    const place = this.#placeOf(value);
    this.#sorted.copyWithin(place, place + 1, this.#size);
    this.#size -= 1;
  }

  /** Where the first number not below `value` stands. */
  #placeOf(value: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
