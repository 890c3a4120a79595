import type { VirtualTime } from "../engine/virtual-time.ts";
import type { Executor, Job } from "./executor.ts";
import { ProcessorSharing } from "./processor-sharing.ts";

/** As many jobs as there are places run; the others wait in line. Should the cores become fewer than the places, those that run share them. */
export class Fifo<T extends Job> implements Executor<T> {
  readonly #places: number;
  readonly #running: ProcessorSharing<T>;
  /** In order of arrival: a set, so that one who gives up can leave from the middle. */
  readonly #line = new Set<T>();

  constructor(time: VirtualTime, places: number, onDone: (job: T) => void) {
    this.#places = places;
    this.#running = new ProcessorSharing<T>(time, places, (job) => {
      this.#admit();
      onDone(job);
    });
  }

  get size(): number {
    return this.#running.size + this.#line.size;
  }

  start(job: T): void {
    this.#line.add(job);
    this.#admit();
  }

  cancel(job: T): void {
    if (this.#line.delete(job)) return;
    this.#running.cancel(job);
    this.#admit();
  }

  clear(): readonly T[] {
    const waiting = [...this.#line];
    this.#line.clear();
    return [...this.#running.clear(), ...waiting];
  }

  setPace(cores: number, rate: number): void {
    this.#running.setPace(cores, rate);
  }

  #admit(): void {
    for (const next of this.#line) {
      if (this.#running.size >= this.#places) return;
      this.#line.delete(next);
      this.#running.start(next);
    }
  }
}
