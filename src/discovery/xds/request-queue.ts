import type { AdsRequest } from "./ads-event.ts";

/** A few for each type of resources, and far below what would take memory: each may have all names in it. */
const maxWaiting = 100;

/** The requests of one stream, in order. */
export class RequestQueue implements AsyncIterable<AdsRequest> {
  readonly #waiting: AdsRequest[] = [];
  readonly #onFirstPull: () => void;
  #wake: (() => void) | undefined;
  #onTaken: (() => void) | undefined;
  #isEnded = false;

  /** @param onFirstPull the stream can be written to */
  constructor(onFirstPull: () => void) {
    this.#onFirstPull = onFirstPull;
  }

  push(request: AdsRequest): void {
    this.#waiting.push(request);
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
    this.#onTaken?.();
  }

  /** Resolves once there is room: who answers no faster than this keeps few of them, though the other end does not read. */
  async untilRoom(): Promise<void> {
    while (this.#waiting.length >= maxWaiting && !this.#isEnded) await new Promise<void>((resolve) => (this.#onTaken = resolve));
  }

  async *[Symbol.asyncIterator](): AsyncIterator<AdsRequest> {
    this.#onFirstPull();
    while (true) {
      const request = this.#waiting.shift();
      this.#onTaken?.();
      if (request !== undefined) yield request;
      else if (this.#isEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
