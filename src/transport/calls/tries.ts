import { ConnectError } from "@connectrpc/connect";
import type { Outcome } from "../../balancer/outcome.ts";
import { AttemptHistory, type RetryDecision, type RetryTerms } from "../../balancer/retries/attempt-history.ts";
import { isBounce } from "../../balancer/retries/decide-retry.ts";
import type { Attempt } from "./attempt.ts";
import type { RepeatReason } from "./attempt-info.ts";
import { pushbackMs } from "./classify.ts";
import { refusedError } from "./stream-error.ts";

/** A call's attempts, once there is more than one or may be, and what it fails with in the end. */
export class Tries {
  readonly history: AttemptHistory;
  #begun: number;
  #failed = 0;
  /** How the latest attempt ended, until another one takes its place. */
  #repeatReason: RepeatReason | undefined;
  /** Of the latest attempt that was not bounced. */
  #lastError: unknown;
  #refusal: unknown;

  /** @param begun how many there were before it began to count */
  constructor(terms: RetryTerms, begun: number) {
    this.history = new AttemptHistory(terms);
    this.#begun = begun;
  }

  /** Another attempt begins. `previous` is how many of those before a server may have acted on or is acting on. */
  begin(endpointId: string): Pick<Attempt, "number" | "previous" | "repeatReason"> {
    const underWay = this.#begun - this.#failed;
    const repeatReason = this.#repeatReason;
    this.#repeatReason = undefined;
    this.history.onBegun(endpointId);
    return { number: ++this.#begun, previous: this.history.perhapsProcessed + underWay, repeatReason };
  }

  /** Whether there may be another attempt after this one, which failed. */
  onFailed(attempt: Attempt, outcome: Outcome, error: unknown): RetryDecision {
    const { call, endpointId, connectionLeft, clock } = attempt;
    const nowMs = clock.now();
    this.#failed++;
    this.#repeatReason = { kind: outcome.kind, error: ConnectError.from(error) };
    if (outcome.kind === "refused") this.#refusal = error;
    if (!isBounce(outcome)) this.#lastError = error;
    const isRepeatable = !call.signal.aborted && call.repeatable();
    const leftMs = call.deadlineAtMs - nowMs;
    return this.history.onFailed({ endpointId, outcome, connectionLeft, isRepeatable, pushbackMs: pushbackMs(error), leftMs }, nowMs);
  }

  /** What the call fails with. @param error of its latest attempt; by default, of the latest that was not bounced */
  failure(error: unknown = this.#lastError): unknown {
    const { refusals } = this.history;
    return refusals > 1 && error === this.#refusal ? refusedError(refusals, ConnectError.from(error)) : error;
  }
}
