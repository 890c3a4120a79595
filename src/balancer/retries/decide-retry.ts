import type { Outcome } from "../outcome.ts";

export interface RetryQuestion {
  /** How the latest attempt ended. */
  readonly outcome: Outcome;
  /** Whether the method may be carried out twice: `idempotent` or `no_side_effects` in its schema. */
  readonly idempotent: boolean;
  /** How many of the call's attempts may have been processed, the latest included. */
  readonly perhapsProcessed: number;
  /** How many of the call's streams were refused so far, the latest included, by sessions that did not just leave. */
  readonly refusals: number;
}

/**
 * `elsewhere`: make the attempt again on an endpoint that was not tried yet, if there is one; now, or after a time. After a bounce, if there is none,
 * on one that bounced it: without a permit, so that it is taken.
 */
export type RetryDecision = "stop" | "elsewhere" | { readonly elsewhereAfterMs: number };

/** Two, hence one repeat: the endpoint's own fault rarely strikes twice, and more would multiply the load when everything fails. */
const MAX_PERHAPS_PROCESSED = 2;

/**
 * Three: where servers refuse by chance, two in a row are rare and three hardly happen. Where three refuse, most do, and each further stream is
 * load for servers that have no room: without a bound, a call makes as many as there are servers. gRPC stops after two.
 */
const MAX_REFUSALS = 3;

/**
 * Whether a call may be attempted again.
 *
 * - The caller has its answer, or wants none any more (`success`, `clientError`, `abandoned`, `timeout`): stop.
 * - Certainly not processed: elsewhere, on endpoints that were not tried yet. Refusals are bounded, and so are bounces, by their permits. Where a
 *   session left, or none could be made, no server without room was asked, so the set itself is the bound.
 * - Perhaps processed: elsewhere once, if the method is idempotent and the endpoint or its connection broke. Not after `overload`,
 *   which asks for less.
 * - Answered: stop. Retries by status code, with a budget, belong here once there is a retry policy.
 */
export function decideRetry({ outcome, idempotent, perhapsProcessed, refusals }: RetryQuestion): RetryDecision {
  switch (outcome.kind) {
    case "success":
    case "clientError":
    case "abandoned":
    case "timeout":
      return "stop";
    case "overload":
      return outcome.processed === "no" ? "elsewhere" : "stop";
    case "failure":
    case "refused":
    case "unreachable":
      if (outcome.kind === "refused" && refusals >= MAX_REFUSALS) return "stop";
      if (outcome.processed === "no") return "elsewhere";
      return outcome.processed === "unknown" && idempotent && perhapsProcessed < MAX_PERHAPS_PROCESSED ? "elsewhere" : "stop";
  }
}

/** Whether the server turned the attempt away before its handler, as it was permitted to: alive, untouched, and welcome elsewhere at once. */
export function isBounce({ kind, processed }: Outcome): boolean {
  return kind === "overload" && processed === "no";
}
