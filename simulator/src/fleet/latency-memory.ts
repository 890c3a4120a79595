const KEPT = 16;

/**
 * The paper says "recent". Of 0.3 to 60 s, this served Prequal best over all (16 of 4 to 64 likewise): with less, the calls remembered are those that came before
 * a queue grew, and an overloaded server looks quick.
 */
const FRESH_MS = 5000;

/** To sort in: what servers are asked most often. */
const sorted = new Float64Array(KEPT);

/** Recent latencies of calls that met a server in the same state. */
class Recent {
  readonly #latenciesMs = new Float64Array(KEPT);
  #count = 0;
  #lastAtMs = -Infinity;
  #medianMs: number | undefined;

  add(latencyMs: number, nowMs: number): void {
    // What is remembered from before a gap says nothing of today.
    if (nowMs - this.#lastAtMs > FRESH_MS) this.#count = 0;
    this.#latenciesMs[this.#count % KEPT] = latencyMs;
    this.#count += 1;
    this.#lastAtMs = nowMs;
    this.#medianMs = undefined;
  }

  isFresh(nowMs: number): boolean {
    return nowMs - this.#lastAtMs <= FRESH_MS;
  }

  get medianMs(): number {
    this.#medianMs ??= medianOf(this.#latenciesMs, Math.min(this.#count, KEPT));
    return this.#medianMs;
  }
}

/**
 * What a server tells probes of its latency: the median of recent ones, of calls that came when about as many were in flight.
 *
 * @see Wydrowski et al., "Load is not what you should balance: Introducing Prequal", NSDI 2024, section 4
 */
export class LatencyMemory {
  /** By calls in flight at arrival. */
  readonly #byInFlight: Recent[] = [];

  add(inFlight: number, latencyMs: number, nowMs: number): void {
    while (this.#byInFlight.length <= inFlight) this.#byInFlight.push(new Recent());
    (this.#byInFlight[inFlight] as Recent).add(latencyMs, nowMs);
  }

  /** Of the nearest number in flight that a recent call met; of equally near ones, the lower. */
  near(inFlight: number, nowMs: number): number | undefined {
    const reach = Math.max(inFlight, this.#byInFlight.length - 1 - inFlight);
    for (let distance = 0; distance <= reach; distance += 1) {
      const found = this.#freshAt(inFlight - distance, nowMs) ?? this.#freshAt(inFlight + distance, nowMs);
      if (found !== undefined) return found.medianMs;
    }
    return undefined;
  }

  #freshAt(inFlight: number, nowMs: number): Recent | undefined {
    const recent = this.#byInFlight[inFlight];
    return recent?.isFresh(nowMs) ? recent : undefined;
  }
}

/** The upper median of the first few, by insertion. */
function medianOf(values: Float64Array, count: number): number {
  for (let next = 0; next < count; next += 1) {
    const value = values[next] as number;
    let place = next;
    for (; place > 0 && (sorted[place - 1] as number) > value; place -= 1) sorted[place] = sorted[place - 1] as number;
    sorted[place] = value;
  }
  return sorted[count >> 1] as number;
}
