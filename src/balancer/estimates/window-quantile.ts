/**
 * A quantile of the last few values, whole numbers from 0 on, kept up to date as they come: a histogram and a mark in it, {@link value}, that moves by a
 * step or two for each value. No sorting, and nothing is allocated after the constructor.
 */
export class WindowQuantile {
  readonly #quantile: number;
  /** How many values of the window there are of each size; the last place counts all that are as large or larger. */
  readonly #counts: Int32Array;
  readonly #window: Int32Array;
  #added = 0;
  /** The least whole number that at least that part of the values is not above; -1 without values, and for the quantile 0. */
  value = -1;
  /** How many values of the window are at or below it. */
  #atOrBelow = 0;

  /** @param limit larger values count as this one */
  constructor(quantile: number, window: number, limit: number) {
    this.#quantile = quantile;
    this.#window = new Int32Array(window);
    this.#counts = new Int32Array(limit + 1);
  }

  /** @param value >= 0; of a fraction, the whole part counts */
  add(value: number): void {
    const place = this.#added % this.#window.length;
    if (this.#added >= this.#window.length) this.#count(this.#window[place] as number, -1);
    const whole = Math.min(Math.floor(value), this.#counts.length - 1);
    this.#window[place] = whole;
    this.#count(whole, 1);
    this.#added += 1;
    this.#moveMark(this.#quantile * Math.min(this.#added, this.#window.length));
  }

  #count(value: number, change: number): void {
    this.#counts[value] = (this.#counts[value] as number) + change;
    if (value <= this.value) this.#atOrBelow += change;
  }

  #moveMark(due: number): void {
    while (this.#atOrBelow < due) {
      this.value += 1;
      this.#atOrBelow += this.#counts[this.value] as number;
    }
    while (this.value >= 0 && this.#atOrBelow - (this.#counts[this.value] as number) >= due) {
      this.#atOrBelow -= this.#counts[this.value] as number;
      this.value -= 1;
    }
  }
}
