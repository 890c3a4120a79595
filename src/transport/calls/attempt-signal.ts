/**
 * The signal of one attempt and of no other. It is aborted as soon as one is that it follows.
 *
 * Not `AbortSignal.any`: what that leaves on a signal that outlives many calls goes with the garbage collector, sooner or later.
 */
export class AttemptSignal {
  readonly #controller = new AbortController();
  #followed: AbortSignal[] = [];
  readonly #onAborted: () => void;

  /** @param onAborted called once */
  constructor(onAborted: () => void) {
    this.#onAborted = onAborted;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  follow(signal: AbortSignal): void {
    if (signal.aborted) return this.#abort(signal.reason);
    this.#followed.push(signal);
    signal.addEventListener("abort", this.#onAbort);
  }

  /** From here on it stays as it is, and nothing of it is left on those that it followed. */
  unfollow(): void {
    for (const signal of this.#followed) signal.removeEventListener("abort", this.#onAbort);
    this.#followed = [];
  }

  readonly #onAbort = ({ target }: Event): void => this.#abort((target as AbortSignal).reason);

  #abort(reason: unknown): void {
    this.unfollow();
    if (this.signal.aborted) return;
    this.#controller.abort(reason);
    this.#onAborted();
  }
}
