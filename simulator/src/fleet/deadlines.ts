import type { Timed, VirtualTime } from "../engine/virtual-time.ts";

/** Something that must be over by a deadline. */
export interface Awaited {
  readonly deadlineMs: number;
  readonly isOver: boolean;
  expire(): void;
}

/**
 * The deadlines of calls that all have the same time-out: they pass in order of arrival, so a line does instead of a place in the queue
 * of events for each. Most calls are over long before, and leave the line unseen.
 */
export class Deadlines implements Timed {
  place = -1;
  readonly #time: VirtualTime;
  #line: (Awaited | undefined)[] = [];
  #head = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Deadlines must not come before those added earlier. */
  add(awaited: Awaited): void {
    this.#line.push(awaited);
    this.#dropFinished();
    if (this.place < 0) this.#expectFirst();
  }

  fire(): void {
    for (let first = this.#first(); first !== undefined && first.deadlineMs <= this.#time.nowMs; first = this.#first()) first.expire();
    this.#expectFirst();
  }

  #expectFirst(): void {
    const first = this.#first();
    if (first !== undefined) this.#time.schedule(this, first.deadlineMs);
  }

  #first(): Awaited | undefined {
    this.#dropFinished();
    return this.#line[this.#head];
  }

  #dropFinished(): void {
    while (this.#line[this.#head]?.isOver) this.#line[this.#head++] = undefined;
    if (this.#head < 1024 || this.#head * 2 < this.#line.length) return;
    this.#line = this.#line.slice(this.#head);
    this.#head = 0;
  }
}
