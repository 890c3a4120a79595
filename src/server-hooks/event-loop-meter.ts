import type { EventLoopProbe, EventLoopSample } from "./event-loop.ts";

const minIntervalMs = 100;
const timeConstantMs = 1000;

/** Smooths samples of an event loop: over a few milliseconds, its utilization is all or nothing. */
export class EventLoopMeter {
  readonly #probe: EventLoopProbe;
  #smoothed: EventLoopSample = { utilization: 0, delayMs: 0 };
  #sampledAtMs: number;

  constructor(probe: EventLoopProbe, nowMs: number) {
    this.#probe = probe;
    this.#sampledAtMs = nowMs;
  }

  /** The exponentially weighted mean of the samples, with a time constant of 1 s. Asks the probe at most every 100 ms. */
  read(nowMs: number): EventLoopSample {
    const sinceMs = nowMs - this.#sampledAtMs;
    if (sinceMs >= minIntervalMs) {
      const sample = this.#probe();
      const share = 1 - Math.exp(-sinceMs / timeConstantMs);
      this.#smoothed = {
        utilization: blend(this.#smoothed.utilization, sample.utilization, share),
        delayMs: blend(this.#smoothed.delayMs, sample.delayMs, share),
      };
      this.#sampledAtMs = nowMs;
    }
    return this.#smoothed;
  }
}

function blend(old: number, fresh: number, share: number): number {
  return old + share * (fresh - old);
}
