import { type Followed, FollowingSignal } from "../../following-signal.ts";

/** Calls that wait at one endpoint each, in the order in which they came, and leave when there is a place elsewhere. */
export class LookingElsewhere<T> {
  readonly #looks = new Set<() => boolean>();

  get size(): number {
    return this.#looks.size;
  }

  /**
   * Waits, and resolves with what was found elsewhere meanwhile: undefined if the wait ended first.
   *
   * @param wait is to end when its signal aborts
   * @param find is asked when it begins to wait, and by {@link look}
   */
  async during(wait: (signal: AbortSignal) => Promise<unknown>, find: () => T | undefined, signal: Followed): Promise<T | undefined> {
    const patience = new FollowingSignal();
    patience.follow(signal);
    let found: T | undefined;
    const look = () => {
      found ??= patience.aborted ? undefined : find();
      if (found === undefined) return false;
      this.#looks.delete(look);
      patience.abort("found");
      return true;
    };
    this.#looks.add(look);
    try {
      const waited = wait(patience.signal);
      look();
      await waited;
    } finally {
      this.#looks.delete(look);
      patience.unfollow();
    }
    return found;
  }

  /** There may be a place. The first in line looks, then the next one, until one finds nothing. */
  look(): void {
    for (const look of this.#looks) if (!look()) return;
  }
}
