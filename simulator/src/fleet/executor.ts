import type { Placed } from "../engine/keyed-heap.ts";

/** A piece of work on a server. */
export interface Job extends Placed {
  /** At full speed, in ms. */
  readonly workMs: number;
}

/** How a server gets its work done. */
export interface Executor<T extends Job> {
  /** Jobs that it has, waiting ones included. */
  readonly size: number;
  start(job: T): void;
  /** Takes a job back; does nothing if it is done or was never started. */
  cancel(job: T): void;
  /** Takes all jobs back. */
  clear(): readonly T[];
  /** From now on, jobs share `cores`, and each core does `rate` ms of work in a ms. */
  setPace(cores: number, rate: number): void;
}
