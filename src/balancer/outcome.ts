/**
 * What became of an attempt, as far as the endpoint is concerned.
 *
 * - `success`: the server answered; an application error such as `not_found` is an answer too.
 * - `failure`: the server's fault, or its connection died under the call.
 * - `timeout`: the attempt's deadline passed without an answer: counts against the endpoint.
 * - `overload`: alive, and asking for less.
 * - `refused`: a stream was turned away before it was looked at.
 * - `unreachable`: no stream could be opened.
 * - `abandoned`: our caller's own cancel; says nothing of the endpoint.
 */
export type OutcomeKind = "success" | "failure" | "timeout" | "overload" | "refused" | "unreachable" | "abandoned";

export interface Outcome {
  readonly kind: OutcomeKind;
  /** Whether the server may have acted on the attempt: `no` is certain, `yes` means it answered. Decides whether it may be made again. */
  readonly processed: "no" | "unknown" | "yes";
  /** Time to the first response message, or to the end if none came, in ms. */
  readonly latencyMs: number;
  /** With `overload`: how long the server asks to be left alone, in ms. */
  readonly retryAfterMs?: number;
}
