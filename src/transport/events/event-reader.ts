import type { TransportEvent } from "./event-catalogue.ts";

/** Events that a slow reader may have waiting; the oldest are dropped beyond. */
const maxWaitingEvents = 1_000;

/** The events that one reader asked for, in order, until it stops or the transport closes. */
export class EventReader implements AsyncIterableIterator<TransportEvent, undefined> {
  readonly #waiting: TransportEvent[] = [];
  readonly #wanted: ((result: IteratorResult<TransportEvent, undefined>) => void)[] = [];
  readonly #onEnd: () => void;
  #ended = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(event: TransportEvent): void {
    const wanted = this.#wanted.shift();
    if (wanted !== undefined) return wanted({ done: false, value: event });
    this.#waiting.push(event);
    if (this.#waiting.length > maxWaitingEvents) this.#waiting.shift();
  }

  end(): void {
    this.#ended = true;
    this.#onEnd();
    for (const wanted of this.#wanted.splice(0)) wanted({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<TransportEvent, undefined>> {
    const event = this.#waiting.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#wanted.push(resolve));
  }

  return(): Promise<IteratorResult<TransportEvent, undefined>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }
}
