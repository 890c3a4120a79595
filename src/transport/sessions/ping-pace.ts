/** gRPC servers accept a ping every 5 minutes unless told otherwise (gRFC A8). */
const safeIntervalMs = 300_000;

/** How often to ping: one pace for all endpoints of a transport, as they run the same server. */
export class PingPace {
  #intervalMs: number;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** 0 when pings are off. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** A server answered `too_many_pings`. Doubling alone would lose a session at every step up to its minimum. */
  slowDown(): void {
    if (this.#intervalMs > 0) this.#intervalMs = Math.max(2 * this.#intervalMs, safeIntervalMs);
  }
}
