import { Code, ConnectError } from "@connectrpc/connect";
import type { Outcome } from "../../balancer/outcome.ts";
import { longestPushbackMs } from "../../balancer/retries/attempt-history.ts";
import type { HedgingPolicy } from "../../balancer/retries/hedging-policy.ts";
import type { Clock, Timer } from "../../clock.ts";
import { FollowingSignal, type SignalOwner } from "../../following-signal.ts";

/** One attempt of a hedged call, and those after it where no server acted on it. */
export class Lane {
  /** Ends its attempts: they lost, or the call is over. */
  readonly stop = new FollowingSignal();
  /** Of its latest attempt; undefined: none was made. */
  outcome: Outcome | undefined;
  /** When the server wants another one, in ms; below 0: never. */
  pushbackMs: number | undefined;
}

export interface HedgedParts<R> {
  readonly policy: HedgingPolicy;
  readonly clock: Clock;
  /** Ends the call. */
  readonly signal: AbortSignal;
  /** Begins with the call itself. */
  readonly begin: (lane: Lane) => Promise<R>;
  /** Makes it once more, elsewhere. Undefined: nobody takes it at once, or there is no budget. */
  readonly hedge: (lane: Lane) => Promise<R> | undefined;
}

/** A call whose attempts may be under way at the same time. The first answer counts; what else is under way is cancelled, which is nobody's failure. */
export class HedgedCall<R> implements SignalOwner {
  readonly #parts: HedgedParts<R>;
  readonly #answer = Promise.withResolvers<R>();
  readonly #lanes = new Set<Lane>();
  #begun = 0;
  #isOver = false;
  /** No server has asked not to be asked again. */
  #isWelcome = true;
  #timer: Timer | undefined;
  #lastError: unknown;
  readonly #caller = new FollowingSignal(this);

  constructor(parts: HedgedParts<R>) {
    this.#parts = parts;
  }

  run(): Promise<R> {
    const { begin, policy, signal } = this.#parts;
    this.#begin(begin);
    this.#caller.follow(signal);
    this.#hedgeIn(policy.delayMs());
    return this.#answer.promise;
  }

  /** The caller leaves, perhaps while nothing is under way but the time to the next attempt. */
  onAborted(): void {
    if (this.#lanes.size === 0) this.#end(() => this.#answer.reject(this.#caller.reason));
  }

  #begin(make: (lane: Lane) => Promise<R> | undefined): boolean {
    const lane = new Lane();
    lane.stop.follow(this.#parts.signal);
    const answer = make(lane);
    if (answer === undefined) {
      lane.stop.unfollow();
      return false;
    }
    this.#begun++;
    this.#lanes.add(lane);
    answer.then(
      (given) => this.#onAnswered(lane, given),
      (error) => this.#onFailed(lane, error),
    );
    return true;
  }

  #hedgeIn(delayMs: number | undefined): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { clock, policy } = this.#parts;
    if (delayMs === undefined || this.#isOver || !this.#isWelcome || this.#begun >= policy.maxAttempts) return;
    this.#timer = clock.after(delayMs, () => this.#hedge());
  }

  #hedge(): void {
    const { hedge, policy, signal } = this.#parts;
    this.#timer?.cancel();
    this.#timer = undefined;
    const mayHedge = this.#isWelcome && this.#begun < policy.maxAttempts && !signal.aborted;
    if (mayHedge && this.#begin(hedge)) this.#hedgeIn(policy.delayMs());
    this.#endIfIdle();
  }

  /** All attempts have failed, and there won't be another. */
  #endIfIdle(): void {
    if (this.#lanes.size === 0 && this.#timer === undefined) this.#end(() => this.#answer.reject(this.#lastError));
  }

  #onAnswered(lane: Lane, answer: R): void {
    if (this.#isOver) return;
    this.#leave(lane);
    this.#end(() => this.#answer.resolve(answer));
  }

  #onFailed(lane: Lane, error: unknown): void {
    if (this.#isOver) return;
    this.#leave(lane);
    this.#lastError = error;
    const { outcome, pushbackMs } = lane;
    if (this.#isFinal(outcome)) return this.#end(() => this.#answer.reject(error));
    if (pushbackMs === undefined) return this.#hedge();
    if (pushbackMs < 0 || pushbackMs > longestPushbackMs) this.#isWelcome = false;
    this.#hedgeIn(pushbackMs);
    this.#endIfIdle();
  }

  #leave(lane: Lane): void {
    lane.stop.unfollow();
    this.#lanes.delete(lane);
  }

  /** Whether the failure of one attempt is that of the call: the caller's end, or an answer that another server would give as well. */
  #isFinal(outcome: Outcome | undefined): boolean {
    const { signal, policy } = this.#parts;
    return signal.aborted || (outcome?.processed === "yes" && !policy.codes.has(outcome.code));
  }

  #end(settle: () => void): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#caller.unfollow();
    settle();
    for (const other of this.#lanes) other.stop.abort(new ConnectError("another attempt of the call was quicker", Code.Canceled));
    this.#lanes.clear();
  }
}
