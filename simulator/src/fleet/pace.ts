import type { SimServer } from "./sim-server.ts";

/** How fast a server is: what slows it down comes from several sides, each of which knows only its own share. */
export class Pace {
  readonly #server: SimServer;
  /** What other tenants leave of its cores, or add to them. */
  #share = 1;
  /** Work takes so many times as long. */
  #slowness = 1;
  #coldness = 1;
  /** Reasons to stand still, which may overlap. */
  #stops = 0;

  constructor(server: SimServer) {
    this.#server = server;
    this.#slowness = server.group.slowdown ?? 1;
    this.#apply();
  }

  setShare(share: number): void {
    this.#share = share;
    this.#apply();
  }

  setColdness(factor: number): void {
    this.#coldness = factor;
    this.#apply();
  }

  slow(factor: number): void {
    this.#slowness *= factor;
    this.#apply();
  }

  unslow(factor: number): void {
    this.#slowness /= factor;
    this.#apply();
  }

  stop(): void {
    this.#stops += 1;
    this.#apply();
  }

  resume(): void {
    this.#stops -= 1;
    this.#apply();
  }

  #apply(): void {
    const rate = this.#stops > 0 ? 0 : 1 / (this.#slowness * this.#coldness);
    this.#server.setPace(this.#server.group.cores * this.#share, rate);
  }
}
