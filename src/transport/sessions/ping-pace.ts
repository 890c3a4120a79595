/** gRPC servers accept a ping every 5 minutes unless told otherwise (gRFC A8). */
const safeIntervalMs = 300_000;

/** A day: no honest server asks for more, and one that always complains loses no more than a session a day. */
const maxIntervalMs = 86_400_000;

/** How often one endpoint is pinged. Each has a pace of its own, so that none can change how its neighbours are pinged. */
export class PingPace {
  /** 0 when pings are off. */
  intervalMs: number;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /**
   * The server answered `too_many_pings` on a session that began at this interval: sessions that began together and complain together
   * are one step. Doubling alone would lose a session at every step up to the server's minimum.
   */
  slowDown(beganAtIntervalMs: number): void {
    if (this.intervalMs === 0) return;
    const slowerMs = Math.min(Math.max(2 * beganAtIntervalMs, safeIntervalMs), maxIntervalMs);
    this.intervalMs = Math.max(this.intervalMs, slowerMs);
  }
}

/** Beyond so many addresses all begin anew: no more than a bound, as control planes have few. */
const maxAddresses = 1_000;

/** The paces of endpoints by address, for whoever makes one transport after the other to them. */
export class PingPaces {
  readonly #known = new Map<string, PingPace>();

  /** @param intervalMs where it is not known */
  of(address: string, intervalMs: number): PingPace {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    if (this.#known.size >= maxAddresses) this.#known.clear();
    const pace = new PingPace(intervalMs);
    this.#known.set(address, pace);
    return pace;
  }
}
