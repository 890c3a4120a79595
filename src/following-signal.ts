/**
 * Has a signal of its own, which is aborted as soon as one is that it follows.
 *
 * Not `AbortSignal.any`: what that leaves on a signal that outlives many calls goes with the garbage collector, sooner or later.
 */
export class FollowingSignal extends AbortController {
  #followed: AbortSignal[] = [];
  readonly #onAborted: (() => void) | undefined;

  /** @param onAborted called once */
  constructor(onAborted?: () => void) {
    super();
    this.#onAborted = onAborted;
  }

  follow(signal: AbortSignal): void {
    if (signal.aborted) return this.abort(signal.reason);
    this.#followed.push(signal);
    signal.addEventListener("abort", this.#onAbort);
  }

  /** From here on it stays as it is, and nothing of it is left on those that it followed. */
  unfollow(): void {
    for (const signal of this.#followed) signal.removeEventListener("abort", this.#onAbort);
    this.#followed = [];
  }

  override abort(reason?: unknown): void {
    this.unfollow();
    if (this.signal.aborted) return;
    super.abort(reason);
    this.#onAborted?.();
  }

  readonly #onAbort = ({ target }: Event): void => this.abort((target as AbortSignal).reason);
}
