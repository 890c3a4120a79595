import type { Outcome } from "../outcome.ts";
import type { RetryPolicy } from "./retry-policy.ts";

/** What decides whether a call may be attempted again. */
export interface RetryQuestion {
  /** How the latest attempt ended. */
  readonly outcome: Outcome;
  readonly policy: RetryPolicy;
  /** How many of the call's attempts may have been processed, the latest included. */
  readonly perhapsProcessed: number;
  /** How many of the call's streams were refused so far, the latest included, by sessions that did not just leave. */
  readonly refusals: number;
}

/**
 * Why there may be another attempt: `unprocessed`, no server has acted on this one; `policy`, the retry policy of the method says so, within its budget;
 * `none`: there may not.
 */
export type RetryGround = "none" | "unprocessed" | "policy";

/**
 * Three: where servers refuse by chance, two in a row are rare and three hardly happen. Where three refuse, most do, and each further stream is
 * load for servers that have no room: without a bound, a call makes as many as there are servers. gRPC stops after two.
 */
const MAX_REFUSALS = 3;

/**
 * Whether a call may be attempted again.
 *
 * - The caller has its answer, or wants none any more (`success`, `abandoned`): no.
 * - Certainly not processed: on endpoints that were not tried yet. Refusals are bounded, and so are bounces, by their permits. Where a
 *   session left, or none could be made, no server without room was asked, so the set itself is the bound.
 * - Perhaps processed: if the policy allows it where the endpoint or its connection broke or hung. After `overload`, which asks for less, by its code alone.
 * - Answered: by its code.
 */
export function groundForRetry({ outcome, policy, perhapsProcessed, refusals }: RetryQuestion): RetryGround {
  const { kind, processed, code } = outcome;
  if (kind === "success" || kind === "abandoned") return "none";
  if (kind === "refused" && refusals >= MAX_REFUSALS) return "none";
  if (processed === "no") return kind === "clientError" || kind === "timeout" ? "none" : "unprocessed";
  if (perhapsProcessed >= policy.maxAttempts) return "none";
  const isListed = policy.codes.has(code);
  if (processed === "yes" && !isLate(outcome, policy)) return isListed ? "policy" : "none";
  const isBroken = kind !== "overload" && kind !== "clientError";
  return (isBroken && policy.whenBroken === "always") || (isListed && policy.whenBroken !== "never") ? "policy" : "none";
}

/** The server keeps the time of an attempt too, and may be a moment faster than we: it says so before we give it up. */
function isLate({ kind }: Outcome, { perAttemptTimeoutMs }: RetryPolicy): boolean {
  return kind === "timeout" && perAttemptTimeoutMs < Number.POSITIVE_INFINITY;
}

/** Whether the server turned the attempt away before its handler, as it was permitted to: alive, untouched, and welcome elsewhere at once. */
export function isBounce({ kind, processed }: Outcome): boolean {
  return kind === "overload" && processed === "no";
}
