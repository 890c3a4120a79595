/** How much of something a peer may send: so many at once, and so many per second from there on. */
export interface FloodLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * For frames that ask for work and carry no call: PING, SETTINGS, GOAWAY, ALTSVC, ORIGIN, informational responses. An honest peer sends a
 * handful at the start, a PING for each round trip while it measures the bandwidth (gRPC), and no more; a flood is tens of thousands per
 * second. Between the two, 1,000 per second cost less than one percent of a core, and a burst of 2,000 takes a few milliseconds.
 */
export const controlFrameLimit: FloodLimit = { burst: 2_000, perSecond: 1_000 };

/** Tells a flood from traffic: a token bucket that starts full. */
export class FloodMeter {
  readonly #limit: FloodLimit;
  #left: number;
  #lastMs: number;

  constructor(limit: FloodLimit, nowMs: number) {
    this.#limit = limit;
    this.#left = limit.burst;
    this.#lastMs = nowMs;
  }

  /** Counts one more. False once it is a flood. */
  allows(nowMs: number): boolean {
    const { burst, perSecond } = this.#limit;
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#lastMs) / 1000) * perSecond);
    this.#lastMs = nowMs;
    this.#left--;
    return this.#left >= 0;
  }

  /** Takes back so many of those that were counted. */
  makeUpFor(count: number): void {
    this.#left = Math.min(this.#limit.burst, this.#left + count);
  }
}
