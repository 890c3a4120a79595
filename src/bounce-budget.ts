/** So many may be bounced before the share counts. */
const burst = 10;

/**
 * Bounds how many calls are bounced: of any `n` calls in a row, at most `10 + share * n`. When everybody is above the limit, turning calls away
 * helps nobody and costs round trips. A bucket that each call fills by the share and each bounce empties by one; it needs no clock.
 */
export class BounceBudget {
  readonly #share: number;
  #left = burst;

  /** @param share 0 to 1 */
  constructor(share: number) {
    this.#share = share;
  }

  /** Whether another bounce fits in. */
  get allows(): boolean {
    // Sums of fractions such as 0.1 may miss the whole number by a rounding error.
    return this.#left > 1 - 1e-9;
  }

  /** A call, bounced or not. */
  onCall(): void {
    this.#left = Math.min(burst, this.#left + this.#share);
  }

  /** One of the calls was bounced. What goes beyond the budget, because it was under way already, is paid back by later calls. */
  onBounce(): void {
    this.#left -= 1;
  }
}
