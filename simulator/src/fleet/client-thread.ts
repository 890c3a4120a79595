import type { VirtualTime } from "../engine/virtual-time.ts";

/** The only thread of a client: whatever it has to do waits until all that came before is done. */
export class ClientThread {
  readonly #time: VirtualTime;
  #freeAtMs = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Does so much work in its turn, and then this. */
  run(workMs: number, act: () => void): void {
    this.#freeAtMs = Math.max(this.#freeAtMs, this.#time.nowMs) + workMs;
    this.#time.at(this.#freeAtMs, act);
  }
}
