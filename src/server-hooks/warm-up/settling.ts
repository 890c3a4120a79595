const windowCalls = 200;
const windowMs = 200;
/** By so much two windows in a row may differ; less than a millisecond is no difference to callers, and chance to a busy machine. */
const tolerance = 0.1;
const toleranceMs = 1;
/** An event loop that is late by less is not held up; nor is one that is late by less than calls take, which are its work then. */
const lowDelayMs = 10;

/** Whether latency has come to rest: by the 95th percentile of each window of calls, beside that of the one before. */
export class Settling {
  readonly #minCalls: number;
  readonly #delayMs: () => number;
  #latencies: number[] = [];
  #startedAtMs: number;
  #calls = 0;
  #p95Ms: number | undefined;
  /** Of two windows in a row, the smaller 95th percentile over the larger. */
  #likeness = 0;
  #isSettled = false;

  /**
   * @param minCalls before that it never counts as settled: a server that is slow for its first thousand calls is slow evenly
   * @param delayMs how late the event loop was since it was last asked
   */
  constructor(minCalls: number, delayMs: () => number, nowMs: number) {
    this.#minCalls = minCalls;
    this.#delayMs = delayMs;
    this.#startedAtMs = nowMs;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Of the latest window; undefined before the first is over. */
  get p95Ms(): number | undefined {
    return this.#p95Ms;
  }

  /** How far it has come, 0 to 1. */
  get share(): number {
    return this.#isSettled ? 1 : Math.min(this.#likeness, this.#calls / this.#minCalls);
  }

  add(latencyMs: number, nowMs: number): void {
    this.#calls++;
    this.#latencies.push(latencyMs);
    if (this.#latencies.length >= windowCalls && nowMs - this.#startedAtMs >= windowMs) this.#endWindow(nowMs);
  }

  #endWindow(nowMs: number): void {
    const latencies = this.#latencies.sort((a, b) => a - b);
    const p95Ms = latencies[Math.floor(latencies.length * 0.95)] as number;
    const beforeMs = this.#p95Ms ?? Infinity;
    this.#likeness = Math.abs(p95Ms - beforeMs) < toleranceMs ? 1 : Math.min(p95Ms, beforeMs) / Math.max(p95Ms, beforeMs);
    this.#p95Ms = p95Ms;
    const isQuiet = this.#delayMs() <= Math.max(lowDelayMs, p95Ms);
    this.#isSettled = this.#calls >= this.#minCalls && this.#likeness >= 1 - tolerance && isQuiet;
    this.#latencies = [];
    this.#startedAtMs = nowMs;
  }
}
