import type { Endpoint } from "../endpoint.ts";
import type { LoadReport } from "../load-report.ts";

/**
 * What sessions say of an endpoint. `idle` has no session and opens one on demand; it is as good as `ready`.
 * `unreachable` is between two failed tries.
 */
export type Connectivity = "idle" | "connecting" | "ready" | "unreachable";

/** Whether an endpoint sits out because of its failures. `probing`: it gets one call, which decides. */
export type EjectionState = "none" | "ejected" | "probing";

/** An endpoint as one balancer knows it. Policies read it and never write it; it survives updates of the set. */
export interface Member {
  /** The latest description from discovery. */
  readonly endpoint: Endpoint;
  /** When this balancer first saw the endpoint, in the clock's ms. */
  readonly addedAtMs: number;
  /** When its slow start began: as it was added to a set that had others, came back or was readmitted; `-Infinity` if never, or warm. */
  readonly slowStartAtMs: number;
  /** Attempts that hold a lease now; with a per-call `cost`, their sum. */
  readonly inFlight: number;
  /** How many attempts hold a lease now, whatever their cost. */
  readonly calls: number;
  /** When the oldest attempt that waits for an answer began; `Infinity` if none waits. A stream waits until its response begins. */
  readonly oldestUnansweredAtMs: number;
  /** How many attempts that wait for an answer began at this time or later. As many steps. */
  unansweredSince(atMs: number): number;
  readonly connectivity: Connectivity;
  readonly ejection: EjectionState;
  /** Failures and timeouts in a row. */
  readonly consecutiveFailures: number;
  /** Client errors in a row, of the answers to calls that were not bound to it by a `hashKey` or a `shard`. */
  readonly consecutiveClientErrors: number;
  /** The last report, already bounded, and when it came; undefined before the first. */
  readonly report: LoadReport | undefined;
  readonly reportAtMs: number | undefined;
  /** A small number, stable for the member's lifetime and reused after it: policies keep their own state in arrays by it. */
  readonly slot: number;
}
