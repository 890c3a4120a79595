/** What can be followed. */
export type Followed = AbortSignal | FollowingSignal;

export interface SignalOwner {
  onAborted(reason: unknown): void;
}

/**
 * Is aborted as soon as one is that it follows. It has an `AbortSignal` for those who want one, which is made when it is asked for: most calls need
 * none, and it costs more than the rest of them.
 *
 * Not `AbortSignal.any`: what that leaves on a signal that outlives many calls goes with the garbage collector, sooner or later.
 */
export class FollowingSignal implements EventListenerObject {
  aborted = false;
  reason: unknown;
  #controller: AbortController | undefined;
  #followed: Followed[] | undefined;
  #followers: FollowingSignal[] | undefined;
  readonly #owner: SignalOwner | undefined;

  /** @param owner is told once */
  constructor(owner?: SignalOwner) {
    this.#owner = owner;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  /** Whether this is its `AbortSignal`; none is made to tell. */
  has(signal: AbortSignal): boolean {
    return this.#controller?.signal === signal;
  }

  follow(followed: Followed): void {
    if (this.aborted) return;
    if (followed.aborted) return this.abort(followed.reason);
    if (this.#followed === undefined) this.#followed = [followed];
    else this.#followed.push(followed);
    if (followed instanceof FollowingSignal) followed.#addFollower(this);
    else followed.addEventListener("abort", this);
  }

  /** From here on it stays as it is, and nothing of it is left on those that it followed. */
  unfollow(): void {
    const followed = this.#followed;
    if (followed === undefined) return;
    this.#followed = undefined;
    for (const one of followed) {
      if (one instanceof FollowingSignal) one.#removeFollower(this);
      else one.removeEventListener("abort", this);
    }
  }

  abort(reason: unknown): void {
    this.unfollow();
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#controller?.abort(reason);
    const followers = this.#followers;
    this.#followers = undefined;
    for (const follower of followers ?? []) follower.abort(reason);
    this.#owner?.onAborted(reason);
  }

  /** An `AbortSignal` that it follows is aborted. */
  handleEvent({ target }: Event): void {
    this.abort((target as AbortSignal).reason);
  }

  #addFollower(follower: FollowingSignal): void {
    if (this.#followers === undefined) this.#followers = [follower];
    else this.#followers.push(follower);
  }

  #removeFollower(follower: FollowingSignal): void {
    const followers = this.#followers;
    this.#followers = followers?.length === 1 ? undefined : followers?.filter((one) => one !== follower);
  }
}
