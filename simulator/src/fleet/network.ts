import { type Sampler, samplerOf } from "../engine/distributions.ts";
import { chanceSource } from "../engine/random-streams.ts";
import type { Network } from "../scenario.ts";

/** How long messages are under way. */
export class SimNetwork {
  readonly connectionWarmUp: Network["connectionWarmUp"];
  readonly #rttMs: number;
  readonly #crossZoneRttMs: number;
  readonly #jitter: number;
  readonly #noise: Sampler | undefined;

  constructor({ rttMs = 1, crossZoneRttMs = rttMs, jitter = 0.1, noise, connectionWarmUp }: Network = {}) {
    this.connectionWarmUp = connectionWarmUp;
    this.#rttMs = rttMs;
    this.#crossZoneRttMs = crossZoneRttMs;
    this.#jitter = jitter;
    this.#noise = noise && samplerOf(noise);
  }

  rttMs(from: string | undefined, to: string | undefined): number {
    return crosses(from, to) ? this.#crossZoneRttMs : this.#rttMs;
  }

  /** @param chance in [0, 1) */
  oneWayMs(from: string | undefined, to: string | undefined, chance: number): number {
    const quietMs = (this.rttMs(from, to) / 2) * (1 + this.#jitter * (2 * chance - 1));
    return this.#noise === undefined ? quietMs : quietMs + this.#noise(chanceSource(chance));
  }
}

/** Whether a message between the two leaves its zone. Nobody without a zone is in another one. */
export function crosses(from: string | undefined, to: string | undefined): boolean {
  return from !== to && from !== undefined && to !== undefined;
}
