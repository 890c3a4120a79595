import type { AdsRequest } from "./ads-event.ts";

/** The requests of one stream, in order. What the stream has yet to take is bounded by what the client may ask before it hears an answer. */
export class RequestQueue implements AsyncIterable<AdsRequest> {
  readonly #waiting: AdsRequest[] = [];
  readonly #onFirstPull: () => void;
  #wake: (() => void) | undefined;
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
  }

  async *[Symbol.asyncIterator](): AsyncIterator<AdsRequest> {
    this.#onFirstPull();
    while (true) {
      const request = this.#waiting.shift();
      if (request !== undefined) yield request;
      else if (this.#isEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
