import { longestTimerMs } from "../../clock.ts";

/**
 * Counts what is under way. While there is anything, the process is kept alive; every socket and timer of ours is unref'd, so
 * that an idle transport never holds a process back.
 */
export class Activity {
  #count = 0;
  #handle: NodeJS.Timeout | undefined;
  readonly #onIdle: (() => void)[] = [];
  readonly #holdsProcess: boolean;

  /** @param holdsProcess whether the process is kept alive at all */
  constructor(holdsProcess = true) {
    this.#holdsProcess = holdsProcess;
  }

  hold(): void {
    if (this.#count++ > 0 || !this.#holdsProcess) return;
    // Toggling one timer costs far less than making one for each call.
    this.#handle ??= setInterval(() => {}, longestTimerMs);
    this.#handle.ref();
  }

  release(): void {
    if (--this.#count > 0) return;
    this.#handle?.unref();
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** Resolves once nothing is under way. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  close(): void {
    clearInterval(this.#handle);
    this.#handle = undefined;
  }
}
