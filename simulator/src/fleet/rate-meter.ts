const BUCKETS = 10;
const BUCKET_MS = 1000;

/** How often something happened per second, over the last 9 to 10 seconds: as the reports of meshless's server hooks count. */
export class RateMeter {
  readonly #counts = new Float64Array(BUCKETS);
  readonly #startedAtMs: number;
  #sum = 0;
  #current = 0;

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
  }

  add(nowMs: number): void {
    this.#advance(nowMs);
    const place = this.#current % BUCKETS;
    this.#counts[place] = (this.#counts[place] as number) + 1;
    this.#sum += 1;
  }

  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    const sinceMs = this.#startedAtMs + Math.max(0, this.#current - BUCKETS + 1) * BUCKET_MS;
    // At least one bucket: a single call in the first millisecond is not a thousand per second.
    return (this.#sum * 1000) / Math.max(BUCKET_MS, nowMs - sinceMs);
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor((nowMs - this.#startedAtMs) / BUCKET_MS);
    const passed = Math.min(bucket - this.#current, BUCKETS);
    for (let back = 0; back < passed; back += 1) {
      const place = (bucket - back) % BUCKETS;
      this.#sum -= this.#counts[place] as number;
      this.#counts[place] = 0;
    }
    if (passed > 0) this.#current = bucket;
  }
}
