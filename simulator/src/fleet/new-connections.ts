import type { Network } from "../scenario.ts";
import type { SimServer } from "./sim-server.ts";

/** What the first calls on a connection wait longer: a window that has to open, headers that are not known yet, code of either side that is new to them. */
export class NewConnections {
  readonly #addedMs: number;
  readonly #calls: number;
  readonly #sent = new Map<SimServer, number>();

  constructor({ addedMs, calls }: NonNullable<Network["connectionWarmUp"]>) {
    this.#addedMs = addedMs;
    this.#calls = calls;
  }

  /** A new one stands, or there is none any more. */
  forget(server: SimServer): void {
    this.#sent.delete(server);
  }

  /** How much later the next call gets to the server. */
  nextDelayMs(server: SimServer): number {
    const sent = this.#sent.get(server) ?? 0;
    if (sent >= this.#calls) return 0;
    this.#sent.set(server, sent + 1);
    return this.#addedMs * (1 - sent / this.#calls);
  }
}
