const bucketCount = 10;
const bucketMs = 1000;

/** How often something happened per second, over the last 9 to 10 seconds. */
export class SlidingRate {
  readonly #counts = new Float64Array(bucketCount);
  readonly #startedAtMs: number;
  /** Which bucket is being filled, counted from the start. */
  #current = 0;

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
  }

  add(nowMs: number): void {
    this.#advance(nowMs);
    const index = this.#current % bucketCount;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  /** How often within these seconds. */
  count(nowMs: number): number {
    this.#advance(nowMs);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  perSecond(nowMs: number): number {
    const count = this.count(nowMs);
    const elapsedMs = nowMs - this.#startedAtMs;
    const fullBuckets = Math.min(this.#current, bucketCount - 1);
    // At least one bucket: a single call in the first millisecond is not a thousand per second.
    const coveredMs = Math.max(bucketMs, fullBuckets * bucketMs + (elapsedMs - this.#current * bucketMs));
    return (count * 1000) / coveredMs;
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor((nowMs - this.#startedAtMs) / bucketMs);
    const passed = Math.min(bucket - this.#current, bucketCount);
    for (let i = 0; i < passed; i++) {
      this.#counts[(bucket - i) % bucketCount] = 0;
    }
    this.#current = Math.max(bucket, this.#current);
  }
}
