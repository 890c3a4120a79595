/** So many calls are turned away before the share counts. */
const BURST = 10;
/** Of the calls that arrive, so many may be turned away. */
const MAX_SHARE = 0.5;

/**
 * When a server turns calls away, as the server hooks do it with their defaults: from so many in flight on, but of any n calls in a row at most
 * 10 + n / 2, because it sees itself alone, and where everybody turns calls away it only costs.
 */
export class Pushback {
  readonly #limit: number;
  #left = BURST;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether this call is turned away. To be asked of every call. */
  bounces(mayBounce: boolean, inFlight: number): boolean {
    this.#left = Math.min(BURST, this.#left + MAX_SHARE);
    if (!mayBounce || inFlight < this.#limit || this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
