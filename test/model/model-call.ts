import type { FakeHttp2Stream } from "./fake-http2-stream.ts";
import type { CallSpec } from "./system.ts";

/** With it a server asks for less, so that it is not asked again. */
const ENHANCE_YOUR_CALM = 11;

/** A call as the model sees it: what it asked for, the streams that were opened for it, and how it ended. */
export class ModelCall {
  readonly id: number;
  readonly spec: CallSpec;
  readonly controller = new AbortController();
  readonly streams: FakeHttp2Stream[] = [];
  state: "pending" | "resolved" | "rejected" = "pending";
  /** Set while an attempt is held back between its place on a session and its stream. */
  go: (() => void) | undefined;
  #isFaulty = false;
  #fail: ((error: Error) => void) | undefined;

  constructor(id: number, spec: CallSpec) {
    this.id = id;
    this.spec = spec;
  }

  /** It has neither a stream nor an attempt that is held back. */
  get isWaiting(): boolean {
    return this.state === "pending" && this.go === undefined && !this.streams.some((stream) => !stream.destroyed);
  }

  holdBack(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => {
      this.go = undefined;
      reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    this.go = () => {
      signal.removeEventListener("abort", onAbort);
      this.go = undefined;
      resolve();
    };
    return promise;
  }

  /** Rejects at the next {@link fail}. */
  fault(): Promise<never> {
    return new Promise((_, reject) => {
      this.#fail = reject;
    });
  }

  fail(): void {
    this.#isFaulty = true;
    this.#fail?.(new Error("a fault on our own side"));
  }

  /** The caller still wants its answer, and the latest attempt may be repeated. */
  get deservesAnother(): boolean {
    const last = this.streams.at(-1);
    if (last === undefined || this.spec.gated || this.#isFaulty || this.controller.signal.aborted) return false;
    if (last.wasNotProcessed) return true;
    const isSafe = this.spec.idempotent && this.streams.slice(0, -1).every((stream) => stream.wasNotProcessed);
    return isSafe && !last.responded && last.rstCode !== ENHANCE_YOUR_CALM;
  }

  /** Why its streams should not all have been opened, or undefined. */
  get breach(): string | undefined {
    let maybeTwice = 0;
    for (const stream of this.streams.slice(0, -1)) {
      if (!stream.destroyed) return "has two streams at the same time";
      if (stream.wasDisowned) continue;
      if (!this.spec.idempotent) return "was made again though it may have been processed";
      if (this.spec.isStream ? stream.responded : stream.wasAnswered) return "was made again though a response was seen";
      if (++maybeTwice > 1) return "was made again twice though it may have been processed";
    }
    return undefined;
  }
}
