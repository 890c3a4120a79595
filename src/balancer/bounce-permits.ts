import { maxBounces } from "../bounce.ts";
import { BounceBudget } from "../bounce-budget.ts";

/** Of the attempts, so many may be bounced. Pushback is for the odd server that is behind; beyond this share, the fleet is. */
const MAX_BOUNCED_SHARE = 0.2;

/** A client's side of server pushback: which attempts may be bounced, and how often their calls may be from there on. */
export class BouncePermits {
  readonly #budget = new BounceBudget(MAX_BOUNCED_SHARE);

  /**
   * To be called for each attempt.
   *
   * @param bounced how often its call was bounced already
   * @param endpoints how many there are: where one is alone, a bounce has nowhere to go
   * @returns how often it may be bounced from here on; 0: it must be taken
   */
  grant(bounced: number, endpoints: number): number {
    this.#budget.onCall();
    return endpoints > 1 && this.#budget.allows ? Math.max(0, maxBounces - bounced) : 0;
  }

  /** An attempt with a permit was bounced. */
  onBounce(): void {
    this.#budget.onBounce();
  }
}
