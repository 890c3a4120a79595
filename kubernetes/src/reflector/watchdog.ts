import type { Clock, Timer } from "meshless/discovery";

/** Aborts what is silent for too long. A connection whose other end is gone without a word can't be told by anything else. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  /** How long silence is borne, in ms. */
  #patienceMs = Number.POSITIVE_INFINITY;
  hasBitten = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Bears silence for so long, from now on. */
  bear(patienceMs: number): void {
    this.#patienceMs = patienceMs;
    this.heard();
  }

  heard(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(this.#patienceMs, () => {
      this.hasBitten = true;
      this.#abort.abort();
    });
  }

  /** Ends what it watches, if that has not ended yet. */
  stop(): void {
    this.#timer?.cancel();
    this.#abort.abort();
  }

  /** Hands on what is heard. */
  async *listen(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.heard();
      yield chunk;
    }
  }
}
