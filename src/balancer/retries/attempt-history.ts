import { maxBounces } from "../../bounce.ts";
import type { RandomSource } from "../../random-source.ts";
import type { Outcome } from "../outcome.ts";
import { groundForRetry, isBounce } from "./decide-retry.ts";
import type { RetryBudget } from "./retry-budget.ts";
import { type RetryPolicy, retryDelayMs } from "./retry-policy.ts";
import type { RetryThrottle } from "./retry-throttle.ts";

/** An attempt that did not succeed, and what a retry of its call depends on. */
export interface FailedAttempt {
  readonly endpointId: string;
  readonly outcome: Outcome;
  /**
   * Whether its connection left (GOAWAY) without having looked at it. `used`: it had answered others before, so that the server is leaving or renews
   * its connections. `new`: it had not, which is how a server refuses that has no room.
   */
  readonly connectionLeft: "no" | "new" | "used";
  /** Whether the caller still waits, and the request can be sent again as it was. */
  readonly isRepeatable: boolean;
  /** With an answer: how long the server asks callers to wait before they come again, in ms; below 0: they are not to come. */
  readonly pushbackMs?: number | undefined;
  /** Until the call's deadline. */
  readonly leftMs: number;
}

/**
 * `elsewhere`: make the attempt again on an endpoint that was not tried yet, if there is one; now, or after a time. If there is none,
 * {@link AttemptHistory.pardon} says whether those that were tried may be asked again.
 */
export type RetryDecision = "stop" | "elsewhere" | { readonly elsewhereAfterMs: number };

/** What decides beside the attempts themselves. */
export interface RetryTerms {
  readonly policy: RetryPolicy;
  /** Undefined: without a limit. */
  readonly budget?: RetryBudget | undefined;
  readonly throttle?: RetryThrottle | undefined;
  readonly random: RandomSource;
}

/** A server that asks for more, in ms, is not waited for: the caller had better know. */
export const longestPushbackMs = 10_000;

/**
 * What a call remembers of its attempts that failed. Each endpoint is tried once; a connection that left under the call doesn't count, the first
 * time, nor does a bounce or what the retry policy sends elsewhere, where nobody else is left.
 */
export class AttemptHistory {
  /** Endpoints that the next attempt is not to go to, by id. */
  readonly avoid = new Set<string>();
  readonly #terms: RetryTerms;
  /** Those that may be asked again where nobody else is left. */
  readonly #pardonable = new Set<string>();
  readonly #leavers = new Set<string>();
  #bounces = 0;
  #refusals = 0;
  #perhapsProcessed = 0;

  constructor(terms: RetryTerms) {
    this.#terms = terms;
  }

  /** How often the call was bounced. */
  get bounces(): number {
    return this.#bounces;
  }

  /** How many of its streams were refused, other than by servers that were leaving. */
  get refusals(): number {
    return this.#refusals;
  }

  /** How many of its attempts a server may have acted on. */
  get perhapsProcessed(): number {
    return this.#perhapsProcessed;
  }

  /** An attempt begins. Others that are made meanwhile are to go elsewhere. */
  onBegun(endpointId: string): void {
    this.avoid.add(endpointId);
  }

  /** Says whether there may be another attempt. */
  onFailed(attempt: FailedAttempt, nowMs: number): RetryDecision {
    const { endpointId, outcome, connectionLeft } = attempt;
    if (outcome.processed !== "no") this.#perhapsProcessed++;
    if (outcome.kind === "refused" && connectionLeft !== "used") this.#refusals++;
    if (isBounce(outcome)) {
      this.#bounces++;
      this.#pardonable.add(endpointId);
    }
    this.#note(attempt);
    if (!attempt.isRepeatable) return "stop";
    const { policy } = this.#terms;
    const ground = groundForRetry({ outcome, policy, perhapsProcessed: this.#perhapsProcessed, refusals: this.#refusals });
    if (ground === "policy") return this.#byPolicy(attempt, nowMs);
    return ground === "none" ? "stop" : "elsewhere";
  }

  /**
   * Lets the call return to endpoints that are alive or may be: to those that bounced it, who then must take it, and to those that its policy sent it away
   * from. False if there are none.
   */
  pardon(): boolean {
    if (this.#pardonable.size === 0) return false;
    for (const id of this.#pardonable) this.avoid.delete(id);
    this.#pardonable.clear();
    if (this.#bounces > 0) this.#bounces = maxBounces;
    return true;
  }

  #note({ endpointId, outcome, connectionLeft, pushbackMs = 0 }: FailedAttempt): void {
    const isForgiven = connectionLeft !== "no" && !this.#leavers.has(endpointId);
    if (isForgiven) {
      this.#leavers.add(endpointId);
      this.avoid.delete(endpointId);
    } else {
      this.avoid.add(endpointId);
    }
    const { policy, throttle } = this.#terms;
    if (outcome.processed !== "no" && (policy.codes.has(outcome.code) || pushbackMs < 0)) throttle?.onFailure();
  }

  #byPolicy(attempt: FailedAttempt, nowMs: number): RetryDecision {
    const { endpointId, leftMs, pushbackMs: delayMs = this.#delayMs(attempt) } = attempt;
    const { budget, throttle } = this.#terms;
    const isInTime = delayMs >= 0 && delayMs <= longestPushbackMs && delayMs < leftMs;
    if (!isInTime || throttle?.allows === false || budget?.take(nowMs) === false) return "stop";
    this.#pardonable.add(endpointId);
    return delayMs === 0 ? "elsewhere" : { elsewhereAfterMs: delayMs };
  }

  /**
   * An endpoint that answered is alive, and so are the others: a wait spreads callers that failed together. One that broke or hung is another one than the
   * next, and who hung has taken time enough. Where the next one breaks as well, several are going just now: at once, the call would meet the rest before
   * they are known to be gone.
   */
  #delayMs({ outcome: { processed, kind }, leftMs }: FailedAttempt): number {
    const { policy, random } = this.#terms;
    const isAnswered = processed === "yes";
    if (!isAnswered && (kind === "timeout" || this.#perhapsProcessed === 1)) return 0;
    const delayMs = retryDelayMs(policy, this.#perhapsProcessed, random);
    return isAnswered ? delayMs : Math.min(delayMs, leftMs / 2);
  }
}
