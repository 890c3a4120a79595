import type { Timed, VirtualTime } from "../engine/virtual-time.ts";

/** A server, as far as it is measured. */
export interface MeteredServer {
  readonly inFlight: number;
  /** The time in which it was busy until now, in ms. */
  readonly busyMs: number;
}

export interface Metered {
  readonly server: MeteredServer;
  readonly presence: { readonly fromMs: number; readonly toMs: number };
}

const SAMPLE_EVERY_MS = 10;

/** Looks at the servers as time passes: how busy they are, and how many calls they have in flight. */
export class FleetMeter implements Timed {
  place = -1;
  readonly #time: VirtualTime;
  readonly #servers: readonly Metered[];
  readonly #fromMs: number;
  readonly #toMs: number;
  /** How often so many were in flight at a server. */
  #samples = new Float64Array(256);
  readonly #busyBeforeMs: Float64Array;
  readonly #busyMs: Float64Array;

  constructor(time: VirtualTime, servers: readonly Metered[], fromMs: number, toMs: number) {
    this.#time = time;
    this.#servers = servers;
    this.#fromMs = fromMs;
    this.#toMs = toMs;
    this.#busyBeforeMs = new Float64Array(servers.length);
    this.#busyMs = new Float64Array(servers.length);
  }

  start(): void {
    this.#time.at(this.#fromMs, () => this.#servers.forEach(({ server }, i) => (this.#busyBeforeMs[i] = server.busyMs)));
    this.#time.at(this.#toMs, () => this.#servers.forEach(({ server }, i) => (this.#busyMs[i] = server.busyMs)));
    this.#time.schedule(this, this.#fromMs);
  }

  fire(): void {
    const { nowMs } = this.#time;
    for (const { server, presence } of this.#servers) {
      if (nowMs >= presence.fromMs && nowMs < presence.toMs) this.#sample(server.inFlight);
    }
    if (nowMs + SAMPLE_EVERY_MS < this.#toMs) this.#time.schedule(this, nowMs + SAMPLE_EVERY_MS);
  }

  /** Busy share of the measured time in which the server was there. */
  utilization(server: number): number {
    const { presence } = this.#servers[server] as Metered;
    const presentMs = Math.min(presence.toMs, this.#toMs) - Math.max(presence.fromMs, this.#fromMs);
    return presentMs <= 0 ? 0 : ((this.#busyMs[server] as number) - (this.#busyBeforeMs[server] as number)) / presentMs;
  }

  /** Of calls in flight, over servers and time. */
  inFlightQuantile(share: number): number {
    const wanted = share * this.#samples.reduce((sum, count) => sum + count, 0);
    let upTo = 0;
    for (let inFlight = 0; inFlight < this.#samples.length; inFlight += 1) {
      upTo += this.#samples[inFlight] as number;
      if (upTo >= wanted && upTo > 0) return inFlight;
    }
    return 0;
  }

  #sample(inFlight: number): void {
    if (inFlight >= this.#samples.length) {
      const larger = new Float64Array(inFlight * 2);
      larger.set(this.#samples);
      this.#samples = larger;
    }
    this.#samples[inFlight] = (this.#samples[inFlight] as number) + 1;
  }
}
