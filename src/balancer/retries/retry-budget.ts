import type { RetryBudgetOptions, RetryBudgetSnapshot } from "../../retry-options.ts";
import { SlidingRate } from "../../sliding-rate.ts";

export const RETRY_BUDGET = { share: 0.1, minPerSecond: 1 } as const;

/** Over how many seconds it is reckoned, by {@link SlidingRate}: a burst of failures may take what quiet seconds left. */
const windowSeconds = 10;

/**
 * Bounds how much load repeats add to a target: in any ten seconds, repeats are at most `share` of the calls and `minPerSecond` a second. When everything
 * fails, servers get little more than they would without retries; without the bound they would get a multiple, and never recover.
 *
 * @see https://finagle.github.io/blog/2016/02/08/retry-budgets/
 */
export class RetryBudget {
  #share!: number;
  #minPerSecond!: number;
  #refused = 0;
  readonly #calls: SlidingRate;
  readonly #repeats: SlidingRate;

  constructor(options: RetryBudgetOptions, nowMs: number) {
    this.configure(options);
    this.#calls = new SlidingRate(nowMs);
    this.#repeats = new SlidingRate(nowMs);
  }

  /** What was counted stays counted. */
  configure({ share = RETRY_BUDGET.share, minPerSecond = RETRY_BUDGET.minPerSecond }: RetryBudgetOptions): void {
    this.#share = share;
    this.#minPerSecond = minPerSecond;
  }

  /** A call, not its repeats. */
  onCall(nowMs: number): void {
    this.#calls.add(nowMs);
  }

  /** Takes room for one repeat. False: there is none. */
  take(nowMs: number): boolean {
    // Sums of fractions such as 0.1 may miss the whole number by a rounding error.
    if (this.#repeats.count(nowMs) + 1 > this.#allowed(nowMs) + 1e-9) {
      this.#refused++;
      return false;
    }
    this.#repeats.add(nowMs);
    return true;
  }

  inspect(nowMs: number): RetryBudgetSnapshot {
    const counted = { calls: this.#calls.count(nowMs), repeats: this.#repeats.count(nowMs) };
    return { ...counted, allowed: this.#allowed(nowMs), refused: this.#refused };
  }

  /** How many repeats there may be in ten seconds. */
  #allowed(nowMs: number): number {
    return this.#share * this.#calls.count(nowMs) + this.#minPerSecond * windowSeconds;
  }
}
