import { KeyedHeap, type Placed } from "./keyed-heap.ts";

/** Something that happens at a time. An object of its own kind rather than a closure, so that it can happen again without being made anew. */
export interface Timed extends Placed {
  fire(): void;
}

/** The time of a simulation: it jumps from one event to the next. Events at the same time happen in the order in which they were scheduled. */
export class VirtualTime {
  readonly #queue = new KeyedHeap<Timed>();
  #nowMs = 0;
  #events = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events have happened. */
  get events(): number {
    return this.#events;
  }

  /** When the next event happens; `Infinity` if there is none. */
  get nextAtMs(): number {
    return this.#queue.minKey;
  }

  /** Schedules the event, or moves it, if it is scheduled already. What lies in the past happens now; at `Infinity`, never. */
  schedule(event: Timed, atMs: number): void {
    if (atMs === Infinity) this.#queue.remove(event);
    else this.#queue.put(event, Math.max(atMs, this.#nowMs));
  }

  cancel(event: Timed): void {
    this.#queue.remove(event);
  }

  at(atMs: number, act: () => void): void {
    this.schedule({ place: -1, fire: act }, atMs);
  }

  after(delayMs: number, act: () => void): void {
    this.at(this.#nowMs + Math.max(0, delayMs), act);
  }

  /** Runs events until `isOver` says so, asked before each, or there are none. */
  run(isOver: () => boolean): void {
    while (!isOver() && this.#queue.size > 0) {
      this.#nowMs = this.#queue.minKey;
      this.#events += 1;
      (this.#queue.pop() as Timed).fire();
    }
  }
}
