export interface GradientBounds {
  readonly minLimit: number;
  readonly maxLimit: number;
  readonly initialLimit: number;
}

/** A window lasts so long, and until it has seen so many calls. */
const windowMs = 100;
const windowCalls = 10;
/** The latest of a window count. */
const maxSamples = 256;
/** So much slower than without load calls may be, queueing being worth it. */
const tolerance = 1.5;
/** How far one window moves the limit, */
const limitWeight = 0.5;
/** and the latency that counts as that without load: far where it was measured on purpose, not so far down, and hardly up, as load often comes little by little. */
const probeWeight = 0.7;
const lowerWeight = 0.3;
const higherWeight = 0.05;
/** How long the latency without load is believed where there is always load. */
const believedMs = 10_000;
/** Measuring it takes at most one part in so many of the time, */
const probePause = 20;
/** and is given up after so long, or so many times what calls take, whichever is longer: some calls are let in for all that. */
const maxProbeMs = 2_000;
const maxProbeLatencies = 10;

/**
 * How many calls a server should work on at once, from how long they take: as many as it can while they take little longer than they do without load.
 *
 * After each window the limit is multiplied by the gradient, the latency without load over that of the window, and raised by its square root, for a short
 * queue. What calls take without load is seen whenever fewer than half of the limit are in flight; where that has not been so for a while, few calls
 * are let in for a window to see it. A limit of which half is not used is not raised.
 *
 * @see https://github.com/Netflix/concurrency-limits and Envoy's adaptive concurrency filter
 */
export class GradientLimit {
  readonly #bounds: GradientBounds;
  readonly #samples = new Float64Array(maxSamples);
  #count = 0;
  #startedAtMs: number;
  /** The most calls in flight that one of the window began with. */
  #peak = 0;
  #limit: number;
  /** What calls take without load; NaN until that was seen. */
  #baselineMs = NaN;
  /** When it is to be measured, unless few calls are in flight before. */
  #probeAtMs = -Infinity;
  #probe: { readonly beganAtMs: number; readonly endsAtMs: number } | undefined;

  constructor(bounds: GradientBounds, nowMs: number) {
    this.#bounds = bounds;
    this.#limit = bounds.initialLimit;
    this.#startedAtMs = nowMs;
  }

  /** The calls in flight that are enough, 1 or more; not always whole. */
  get value(): number {
    return this.#limit;
  }

  /** So few are let in while it is measured how long calls take without load; otherwise {@link value}. */
  get loweredValue(): number {
    return this.#probe === undefined ? this.#limit : Math.sqrt(this.#limit);
  }

  /** What calls take without load, in ms; NaN until that was seen. */
  get baselineMs(): number {
    return this.#baselineMs;
  }

  /** A call took so long. @param inFlight how many there were when it began, itself included */
  onEnd(latencyMs: number, inFlight: number, nowMs: number): void {
    if (this.#probe !== undefined && nowMs > this.#probe.endsAtMs) this.#endProbe(nowMs);
    // What began before shows what an earlier limit did.
    if (nowMs - latencyMs < this.#startedAtMs) return;
    // One of those that are let in all the same: it says how long calls take with load.
    if (this.#probe !== undefined && inFlight > this.loweredValue) return;
    this.#samples[this.#count++ % maxSamples] = latencyMs;
    this.#peak = Math.max(this.#peak, inFlight);
    if (this.#count >= windowCalls && nowMs - this.#startedAtMs >= windowMs) this.#endWindow(nowMs);
  }

  #endWindow(nowMs: number): void {
    const latencyMs = median(this.#samples.subarray(0, Math.min(this.#count, maxSamples)));
    const isCalm = this.#probe !== undefined || this.#peak <= this.#limit / 2;
    const isLower = latencyMs < this.#baselineMs;
    const weight = this.#probe !== undefined ? probeWeight : isLower ? lowerWeight : higherWeight;
    if (isCalm || isLower) this.#baselineMs = blend(this.#baselineMs, latencyMs, weight);
    if (this.#probe !== undefined) return this.#endProbe(nowMs);
    if (isCalm) this.#probeAtMs = Math.max(this.#probeAtMs, nowMs + believedMs);
    if (nowMs >= this.#probeAtMs) this.#probe = { beganAtMs: nowMs, endsAtMs: nowMs + Math.max(maxProbeMs, maxProbeLatencies * latencyMs) };
    else this.#move(latencyMs, isCalm);
    this.#beginWindow(nowMs);
  }

  #endProbe(nowMs: number): void {
    const tookMs = nowMs - (this.#probe?.beganAtMs ?? nowMs);
    this.#probe = undefined;
    this.#probeAtMs = nowMs + Math.max(believedMs, probePause * tookMs);
    this.#beginWindow(nowMs);
  }

  #beginWindow(nowMs: number): void {
    this.#count = 0;
    this.#peak = 0;
    this.#startedAtMs = nowMs;
  }

  #move(latencyMs: number, isCalm: boolean): void {
    if (Number.isNaN(this.#baselineMs)) return;
    const gradient = Math.min(2, Math.max(0.5, (tolerance * this.#baselineMs) / Math.max(latencyMs, Number.MIN_VALUE)));
    const target = this.#limit * gradient + Math.sqrt(this.#limit);
    if (isCalm && target > this.#limit) return;
    const { minLimit, maxLimit } = this.#bounds;
    this.#limit = Math.min(maxLimit, Math.max(minLimit, blend(this.#limit, target, limitWeight)));
  }
}

function blend(old: number, fresh: number, weight: number): number {
  return Number.isNaN(old) ? fresh : old + weight * (fresh - old);
}

/** Sorts what it is given. */
function median(values: Float64Array): number {
  return values.sort()[values.length >> 1] as number;
}
