import type { Limits } from "../../call-limits.ts";
import type { Clock } from "../../clock.ts";
import { UnavailableError } from "./unavailable-error.ts";

interface Waiter<T> {
  /** Undefined: what it waits for is not there yet. */
  readonly take: () => T | undefined;
  readonly give: (taken: T) => void;
  readonly refuse: (reason: unknown) => void;
}

/** Calls that wait for others to end, first come first served: as many as may, and as long as they may. */
export class PendingCalls<T> {
  readonly #waiting = new Set<Waiter<T>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Rejects with the signal's reason, or with an {@link UnavailableError} when there is no room in the line, or it takes too long.
   *
   * @param what is waited for: the error begins with it
   */
  wait(take: () => T | undefined, limits: Pick<Limits, "maxPending" | "pendingTimeoutMs">, what: string, signal: AbortSignal): Promise<T> {
    const { maxPending, pendingTimeoutMs } = limits;
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= maxPending)
        return reject(new UnavailableError(`${what}${maxPending === 0 ? "" : `, and ${maxPending} wait (limits.maxPending)`}`));
      const leave = () => {
        this.#waiting.delete(waiter);
        timer.cancel();
        signal.removeEventListener("abort", onAbort);
      };
      const refuse = (reason: unknown) => {
        leave();
        reject(reason);
      };
      const give = (taken: T) => {
        leave();
        resolve(taken);
      };
      const onAbort = () => refuse(signal.reason);
      const onLate = () => refuse(new UnavailableError(`${what}; the call waited for ${pendingTimeoutMs} ms (limits.pendingTimeoutMs)`));
      const timer = this.#clock.after(pendingTimeoutMs, onLate);
      signal.addEventListener("abort", onAbort);
      const waiter: Waiter<T> = { take, give, refuse };
      this.#waiting.add(waiter);
    });
  }

  /** Something has ended: gives to those who can take it. */
  serve(): void {
    for (const { take, give } of this.#waiting) {
      const taken = take();
      if (taken !== undefined) give(taken);
    }
  }

  /** Nobody waits any longer. */
  dismiss(error: UnavailableError): void {
    for (const { refuse } of [...this.#waiting.values()]) refuse(error);
  }
}
