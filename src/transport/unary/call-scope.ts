import { Code, ConnectError } from "@connectrpc/connect";
import type { Clock, Timer } from "../../clock.ts";
import { FollowingSignal, type SignalOwner } from "../../following-signal.ts";

/** What the signal of a call that succeeded is aborted with, as Connect aborts it; one for all, since it costs more than the call. */
const over = new DOMException("This operation was aborted", "AbortError");

/** Whether a scope that was aborted for this reason saw a call that succeeded. */
export function succeeded(reason: unknown): boolean {
  return reason === over;
}

/** From when the caller makes a call until it has the answer: it ends with the caller's signal or with its deadline, and all that belongs to it does. */
export class CallScope extends FollowingSignal {
  /** In the clock's ms; `Infinity` without one. */
  readonly deadlineAtMs: number;
  readonly #timer: Timer | undefined;

  constructor(clock: Clock, timeoutMs: number | undefined, signal: AbortSignal | undefined, owner?: SignalOwner) {
    super(owner);
    this.deadlineAtMs = timeoutMs === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeoutMs;
    if (signal !== undefined) this.follow(signal);
    if (timeoutMs === undefined) return;
    this.#timer = clock.after(timeoutMs, () => this.abort(new ConnectError("the operation timed out", Code.DeadlineExceeded)));
  }

  /** Ends it after a failure. @returns what the caller is given */
  fail(error: unknown): ConnectError {
    const given = this.aborted ? ConnectError.from(this.reason, Code.Canceled) : ConnectError.from(error);
    this.end(given);
    return given;
  }

  end(reason: unknown = over): void {
    this.#timer?.cancel();
    this.abort(reason);
  }
}
