import { WindowQuantile } from "../estimates/window-quantile.ts";

/** The latest calls of a method that are looked at. */
const window = 512;

/** Fewer tell nothing of a twentieth: until then no call is hedged. */
const leastCalls = 50;

/** In ms; what takes longer counts as this. */
const longestMs = 10_000;

/** After how long a call is slow: as long as 95 % of the latest calls of its method took, hedged ones included, and a millisecond at least. */
export class HedgeDelay {
  readonly #latencies = new WindowQuantile(0.95, window, longestMs);
  #calls = 0;

  /** Undefined: not known yet. */
  get ms(): number | undefined {
    return this.#calls < leastCalls ? undefined : this.#latencies.value + 1;
  }

  /** A call was answered. */
  onAnswered(latencyMs: number): void {
    this.#calls++;
    this.#latencies.add(latencyMs);
  }
}
