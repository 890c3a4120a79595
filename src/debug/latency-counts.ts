const LOWEST_MS = 0.05;
const PER_DOUBLING = 8;
const BUCKETS = 21 * PER_DOUBLING;

/** Latencies from 50 µs to 100 s, as counts of buckets of equal ratio: a quantile is off by 5 % at most. */
export class LatencyCounts {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  add(latencyMs: number): void {
    const place = Math.floor(Math.log2(latencyMs / LOWEST_MS) * PER_DOUBLING);
    // NaN, of a negative latency, is 0 as well.
    const bucket = place > 0 ? Math.min(place, BUCKETS - 1) : 0;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#total++;
  }

  addAll(other: LatencyCounts): void {
    if (other.#total === 0) return;
    this.#total += other.#total;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.#counts[bucket] = (this.#counts[bucket] as number) + (other.#counts[bucket] as number);
    }
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  /** The latency in ms that a share of `quantile` (0 to 1) does not exceed. Undefined when there is none. */
  at(quantile: number): number | undefined {
    if (this.#total === 0) return undefined;
    const rank = Math.max(1, Math.ceil(quantile * this.#total));
    let seen = 0;
    const bucket = this.#counts.findIndex((count) => {
      seen += count;
      return seen >= rank;
    });
    return LOWEST_MS * 2 ** ((bucket + 0.5) / PER_DOUBLING);
  }
}
