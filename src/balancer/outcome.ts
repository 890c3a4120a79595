/**
 * What became of an attempt, as far as the endpoint is concerned.
 *
 * - `success`: the server did what it was asked.
 * - `clientError`: the server answered that its caller is wrong (`not_found`, `permission_denied`, an HTTP 403, ...). An answer, but no work: it
 *   tells nothing of how quick the server is, and counts against it where the others do not give it.
 * - `failure`: the server's fault, or its connection died under the call.
 * - `timeout`: the attempt's deadline passed without an answer: counts against the endpoint.
 * - `overload`: alive, and asking for less.
 * - `refused`: a stream was turned away before it was looked at.
 * - `unreachable`: no stream could be opened.
 * - `abandoned`: our caller's own cancel; says nothing of the endpoint.
 */
export type OutcomeKind = "success" | "clientError" | "failure" | "timeout" | "overload" | "refused" | "unreachable" | "abandoned";

/** How an attempt ended, as far as its endpoint is concerned. */
export interface Outcome {
  readonly kind: OutcomeKind;
  /** Whether the server may have acted on the attempt: `no` is certain, `yes` means it answered. Decides whether it may be made again. */
  readonly processed: "no" | "unknown" | "yes";
  /** The status that the caller sees, as gRPC numbers them: 0 for success, otherwise Connect's `Code`. Without a server's answer the {@link usualCode}. */
  readonly code: number;
  /** Time to the first response message, or to the end if none came, in ms. */
  readonly latencyMs: number;
  /** With `overload`: how long the server asks to be left alone, in ms. */
  readonly retryAfterMs?: number;
}

/** What callers see of an outcome where no server named a status. */
export const usualCode: Readonly<Record<OutcomeKind, number>> = {
  success: 0,
  abandoned: 1,
  clientError: 3,
  timeout: 4,
  overload: 8,
  failure: 14,
  refused: 14,
  unreachable: 14,
};
