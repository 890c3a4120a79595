import { type BackoffOptions, backoffMs } from "../../backoff.ts";
import type { RandomSource } from "../../random-source.ts";
import type { AdsVariant } from "./ads-event.ts";

/** Full jitter: evenly between nothing and 1 s after the first failure, and 30 s in the end. */
const backoff: BackoffOptions = { baseMs: 500, maxMs: 15_000, multiplier: 1.6, jitter: 1 };
/** Over this time come back those whose streams worked: all the clients of a server that restarts, in the same moment. */
const spreadMs = 2_000;

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting"; readonly untilMs: number }
  /** Asked for, open, and open with a response. */
  | { readonly kind: "opening" | "open" | "answering"; readonly stream: number };

/** When streams are opened, in which variant, and what it means that one ended. */
export class StreamLife {
  #state: State = { kind: "idle" };
  #variant: AdsVariant;
  #failures = 0;
  #failingSinceMs = 0;
  readonly #random: RandomSource;

  constructor(variant: AdsVariant, random: RandomSource) {
    this.#variant = variant;
    this.#random = random;
  }

  /** The one that the server is known to have, or that is tried. */
  get variant(): AdsVariant {
    return this.#variant;
  }

  get isOpen(): boolean {
    return this.#state.kind === "open" || this.#state.kind === "answering";
  }

  get wakeAtMs(): number {
    return this.#state.kind === "waiting" ? this.#state.untilMs : Number.POSITIVE_INFINITY;
  }

  /** Whether streams have failed since the last response, and none is open. */
  get isFailing(): boolean {
    return this.#failures > 0 && !this.isOpen;
  }

  /** The stream that counts, if there is one. */
  get stream(): number | undefined {
    return "stream" in this.#state ? this.#state.stream : undefined;
  }

  /** Whether a stream is to be opened now. */
  isDue(nowMs: number): boolean {
    return this.#state.kind === "idle" || (this.#state.kind === "waiting" && nowMs >= this.#state.untilMs);
  }

  opening(stream: number): void {
    this.#state = { kind: "opening", stream };
  }

  opened(stream: number): void {
    this.#state = { kind: "open", stream };
  }

  /** @returns whether this ends a time of failures */
  answered(stream: number): boolean {
    const wasFailing = this.#failures > 0;
    this.#state = { kind: "answering", stream };
    this.#failures = 0;
    return wasFailing;
  }

  /**
   * A stream that had a response has done its work; one that had none has failed. A server that does not know the variant is asked for the other.
   *
   * @returns since when streams fail, and how many; undefined if none did
   */
  closed(nowMs: number, isUnimplemented: boolean): { readonly failures: number; readonly sinceMs: number } | undefined {
    const hadResponse = this.#state.kind === "answering";
    if (hadResponse) {
      this.#state = { kind: "waiting", untilMs: nowMs + this.#random() * spreadMs };
      return undefined;
    }
    const wasDelta = this.#variant === "delta";
    if (isUnimplemented) this.#variant = wasDelta ? "sotw" : "delta";
    if (isUnimplemented && wasDelta) {
      this.#state = { kind: "waiting", untilMs: nowMs };
      return undefined;
    }
    if (this.#failures === 0) this.#failingSinceMs = nowMs;
    this.#failures++;
    this.#state = { kind: "waiting", untilMs: nowMs + backoffMs(this.#failures, backoff, this.#random) };
    return { failures: this.#failures, sinceMs: this.#failingSinceMs };
  }

  /** What streams failed for is of the past. */
  stop(): void {
    this.#state = { kind: "idle" };
    this.#failures = 0;
  }
}
