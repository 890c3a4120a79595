import type { Clock } from "../clock.ts";
import type { StreamObserver } from "../xds/stream-observer.ts";
import type { PropagationFigures } from "./plane-snapshot.ts";

const maxKept = 1_000;
const windowMs = 300_000;

/** How long the latest changes took that clients have accepted. */
export class RecentPropagation implements Partial<StreamObserver> {
  readonly #clock: Clock;
  readonly #tookMs = new Float64Array(maxKept);
  readonly #atMs = new Float64Array(maxKept).fill(Number.NEGATIVE_INFINITY);
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  propagated(_stream: unknown, _type: unknown, tookMs: number): void {
    this.#tookMs[this.#next] = tookMs;
    this.#atMs[this.#next] = this.#clock.now();
    this.#next = (this.#next + 1) % maxKept;
  }

  figures(): PropagationFigures {
    const sinceMs = this.#clock.now() - windowMs;
    const sorted = this.#tookMs.filter((_, place) => (this.#atMs[place] ?? 0) >= sinceMs).sort();
    if (sorted.length === 0) return { changes: 0 };
    const at = (quantile: number) => sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0;
    return { changes: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }
}
