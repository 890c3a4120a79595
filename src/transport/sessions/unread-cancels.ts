import type { Clock, Timer } from "../../clock.ts";

/** Where no answer shows that a cancel was read, its place counts as taken for at least this long, and at most twice as long. */
const holdMs = 1_000;

/**
 * Streams that we cancelled, and that the server may still count as open. It enforces the limit of concurrent streams by its own count, so that a
 * server which lags behind our cancels turns other calls away. A connection keeps its order: an answer to a stream shows that every cancel
 * before that stream has been read. No PING is sent to ask, because servers punish those too.
 */
export class UnreadCancels {
  readonly #clock: Clock;
  readonly #onRead: () => void;
  #cancelled = 0;
  #read = 0;
  #timer: Timer | undefined;

  /** @param onRead fewer are unread than before */
  constructor(clock: Clock, onRead: () => void) {
    this.#clock = clock;
    this.#onRead = onRead;
  }

  get count(): number {
    return this.#cancelled - this.#read;
  }

  add(): void {
    this.#cancelled++;
    this.#timer ??= this.#giveTime();
  }

  /** To be called as a stream opens. Returns what to call when the server answers it; undefined if no cancel is unread. */
  opened(): (() => void) | undefined {
    if (this.count === 0) return undefined;
    const before = this.#cancelled;
    return () => this.#readUpTo(before);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #readUpTo(cancels: number): void {
    if (cancels <= this.#read) return;
    this.#read = cancels;
    if (this.count === 0) this.stop();
    this.#onRead();
  }

  #giveTime(): Timer {
    const before = this.#cancelled;
    return this.#clock.after(holdMs, () => {
      this.#timer = this.#cancelled > before ? this.#giveTime() : undefined;
      this.#readUpTo(before);
    });
  }
}
