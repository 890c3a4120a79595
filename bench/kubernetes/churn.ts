import { setTimeout as sleep } from "node:timers/promises";
import type { Namespace } from "../../test/kubernetes/namespace.ts";

/** One endpoint after another becomes ready or not, at a rate, whatever the apiserver makes of it. */
export class Churn {
  readonly #namespace: Namespace;
  readonly #slices: readonly string[];
  readonly #endpointsEach: number;
  readonly #startedAtMs = performance.now();
  readonly #loops: readonly Promise<void>[];
  #isStopped = false;
  /** That the apiserver has taken. */
  #updates = 0;
  #count = 0;

  constructor(namespace: Namespace, slices: readonly string[], endpointsEach: number, perSecond: number, concurrency = 16) {
    this.#namespace = namespace;
    this.#slices = slices;
    this.#endpointsEach = endpointsEach;
    this.#loops = Array.from({ length: concurrency }, () => this.#loop(perSecond));
  }

  get perSecond(): number {
    return this.#updates / ((performance.now() - this.#startedAtMs) / 1_000);
  }

  get updates(): number {
    return this.#updates;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#loops);
  }

  async #loop(perSecond: number): Promise<void> {
    while (!this.#isStopped) {
      const number = this.#count++;
      await sleep(Math.max(0, this.#startedAtMs + (number / perSecond) * 1_000 - performance.now()));
      const round = Math.floor(number / this.#slices.length);
      const slice = this.#slices[number % this.#slices.length] ?? "";
      // Down in one round, and up in the next.
      await this.#namespace.setSliceReady(slice, Math.floor(round / 2) % this.#endpointsEach, round % 2 === 1);
      this.#updates++;
    }
  }
}
