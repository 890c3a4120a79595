import { maxBounces } from "../../bounce.ts";
import type { Outcome } from "../outcome.ts";
import { decideRetry, isBounce, type RetryDecision } from "./decide-retry.ts";

export interface FailedAttempt {
  readonly endpointId: string;
  readonly outcome: Outcome;
  /**
   * Whether its connection left (GOAWAY) without having looked at it. `used`: it had answered others before, so that the server is leaving or renews
   * its connections. `new`: it had not, which is how a server refuses that has no room.
   */
  readonly connectionLeft: "no" | "new" | "used";
}

/**
 * What a call remembers of its attempts that failed. Each endpoint is tried once; a connection that left under the call doesn't count, the first
 * time, nor does a bounce where nobody else is left.
 */
export class AttemptHistory {
  /** Endpoints that the next attempt is not to go to, by id. */
  readonly avoid = new Set<string>();
  readonly #idempotent: boolean;
  readonly #bouncers = new Set<string>();
  readonly #leavers = new Set<string>();
  #bounces = 0;
  #refusals = 0;
  #perhapsProcessed = 0;

  /** @param idempotent whether the method may be carried out twice */
  constructor(idempotent: boolean) {
    this.#idempotent = idempotent;
  }

  /** How often the call was bounced. */
  get bounces(): number {
    return this.#bounces;
  }

  /** How many of its streams were refused, other than by servers that were leaving. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Says whether there may be another attempt. */
  onFailed(attempt: FailedAttempt): RetryDecision {
    const { endpointId, outcome, connectionLeft } = attempt;
    if (outcome.processed !== "no") this.#perhapsProcessed++;
    if (outcome.kind === "refused" && connectionLeft !== "used") this.#refusals++;
    if (isBounce(outcome)) {
      this.#bounces++;
      this.#bouncers.add(endpointId);
    }
    const isForgiven = connectionLeft !== "no" && !this.#leavers.has(endpointId);
    (isForgiven ? this.#leavers : this.avoid).add(endpointId);
    return decideRetry({ outcome, idempotent: this.#idempotent, perhapsProcessed: this.#perhapsProcessed, refusals: this.#refusals });
  }

  /** Lets the call return to those that bounced it, who then must take it. False if there is none. */
  pardonBouncers(): boolean {
    if (this.#bouncers.size === 0) return false;
    for (const id of this.#bouncers) this.avoid.delete(id);
    this.#bouncers.clear();
    this.#bounces = maxBounces;
    return true;
  }
}
