/** Calls that are over, in columns: arrival, latency, whether it failed, and which server had it last. */
export class CallLog {
  #arrivedAtMs = new Float64Array(4096);
  #latencyMs = new Float64Array(4096);
  #failed = new Uint8Array(4096);
  #server = new Int32Array(4096);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get arrivedAtMs(): Float64Array {
    return this.#arrivedAtMs.subarray(0, this.#size);
  }

  get latencyMs(): Float64Array {
    return this.#latencyMs.subarray(0, this.#size);
  }

  /** 1 for calls that failed or timed out. */
  get failed(): Uint8Array {
    return this.#failed.subarray(0, this.#size);
  }

  /** By its place in the fleet; -1 for calls that no server took. */
  get server(): Int32Array {
    return this.#server.subarray(0, this.#size);
  }

  add(arrivedAtMs: number, latencyMs: number, failed: boolean, server: number): void {
    const place = this.#size;
    if (place === this.#failed.length) this.#grow();
    this.#arrivedAtMs[place] = arrivedAtMs;
    this.#latencyMs[place] = latencyMs;
    this.#failed[place] = failed ? 1 : 0;
    this.#server[place] = server;
    this.#size += 1;
  }

  #grow(): void {
    const arrivedAtMs = new Float64Array(this.#size * 2);
    const latencyMs = new Float64Array(this.#size * 2);
    const failed = new Uint8Array(this.#size * 2);
    const server = new Int32Array(this.#size * 2);
    arrivedAtMs.set(this.#arrivedAtMs);
    latencyMs.set(this.#latencyMs);
    failed.set(this.#failed);
    server.set(this.#server);
    this.#arrivedAtMs = arrivedAtMs;
    this.#latencyMs = latencyMs;
    this.#failed = failed;
    this.#server = server;
  }
}
