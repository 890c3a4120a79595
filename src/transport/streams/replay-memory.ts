/** Of one call. gRPC keeps as much. */
const maxBytesOfCall = 2 ** 20;

/** Of all calls of the process together, whatever their transports. */
const maxBytes = 64 * 2 ** 20;

/** Bounds what is kept of request streams, so that another attempt can send it again: by the bytes that were sent of it. */
export class ReplayMemory {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(ofProcess: number = maxBytes) {
    this.#maxBytes = ofProcess;
  }

  /** For one call. */
  account(): ReplayAccount {
    return new ReplayAccount((change) => {
      if (change > 0 && this.#bytes + change > this.#maxBytes) return false;
      this.#bytes += change;
      return true;
    });
  }

  /** What all calls keep. */
  get bytes(): number {
    return this.#bytes;
  }
}

class ReplayAccount {
  readonly #book: (change: number) => boolean;
  #bytes = 0;

  constructor(book: (change: number) => boolean) {
    this.#book = book;
  }

  /** The call keeps so many. False: that is too much. */
  keep(bytes: number): boolean {
    if (bytes > maxBytesOfCall || !this.#book(bytes - this.#bytes)) return false;
    this.#bytes = bytes;
    return true;
  }

  /** The call keeps nothing any more. */
  release(): void {
    this.#book(-this.#bytes);
    this.#bytes = 0;
  }
}

export type { ReplayAccount };

export const replayMemory: ReplayMemory = new ReplayMemory();
