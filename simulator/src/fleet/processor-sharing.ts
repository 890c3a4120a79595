import { KeyedHeap } from "../engine/keyed-heap.ts";
import type { Timed, VirtualTime } from "../engine/virtual-time.ts";
import type { Executor, Job } from "./executor.ts";

/**
 * All jobs run at once, each on at most one core, and share what there is evenly: n jobs on c cores run at min(1, c / n) each.
 *
 * As all run at the same speed, one number tells how far each of them is: the service that a job present from the start would have
 * attained. A job is done when that number has grown by its work, so the next to finish stands first in a heap, and a change of speed
 * changes nothing but the time of the next event.
 */
export class ProcessorSharing<T extends Job> implements Executor<T>, Timed {
  place = -1;
  readonly #time: VirtualTime;
  readonly #onDone: (job: T) => void;
  /** By the attained service at which they are done. */
  readonly #jobs = new KeyedHeap<T>();
  #attainedMs = 0;
  #attainedAtMs = 0;
  #cores: number;
  #rate = 1;

  constructor(time: VirtualTime, cores: number, onDone: (job: T) => void) {
    this.#time = time;
    this.#cores = cores;
    this.#onDone = onDone;
  }

  get size(): number {
    return this.#jobs.size;
  }

  start(job: T): void {
    this.#advance();
    this.#jobs.put(job, this.#attainedMs + job.workMs);
    this.#expectNext();
  }

  cancel(job: T): void {
    if (job.place < 0) return;
    this.#advance();
    this.#jobs.remove(job);
    this.#expectNext();
  }

  clear(): readonly T[] {
    const jobs = [...this.#jobs.items()];
    for (const job of jobs) this.#jobs.remove(job);
    this.#expectNext();
    return jobs;
  }

  setPace(cores: number, rate: number): void {
    this.#advance();
    this.#cores = cores;
    this.#rate = rate;
    this.#expectNext();
  }

  /** The first job is done, and others that began and end with it. */
  fire(): void {
    this.#advance();
    // Exactly: sums of fractions may fall short of it by a rounding error.
    this.#attainedMs = Math.max(this.#attainedMs, this.#jobs.minKey);
    while (this.#jobs.minKey <= this.#attainedMs) this.#onDone(this.#jobs.pop() as T);
    this.#expectNext();
  }

  get #speed(): number {
    return this.#rate * Math.min(1, this.#cores / this.#jobs.size);
  }

  #advance(): void {
    const { nowMs } = this.#time;
    if (this.#jobs.size === 0) this.#attainedMs = 0;
    else this.#attainedMs += (nowMs - this.#attainedAtMs) * this.#speed;
    this.#attainedAtMs = nowMs;
  }

  #expectNext(): void {
    if (this.#jobs.size === 0) return this.#time.cancel(this);
    const aheadMs = this.#jobs.minKey - this.#attainedMs;
    this.#time.schedule(this, aheadMs <= 0 ? this.#time.nowMs : this.#time.nowMs + aheadMs / this.#speed);
  }
}
