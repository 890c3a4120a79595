import type { IncomingHttpHeaders } from "node:http2";
import type { Lease } from "../../balancer/balancer.ts";
import { type Outcome, usualCode } from "../../balancer/outcome.ts";
import type { LoadReport } from "../../load-report.ts";
import { loadReportHeader } from "../../orca.ts";
import type { Session } from "../sessions/session.ts";
import type { SessionPool } from "../sessions/session-pool.ts";
import type { Activity } from "./activity.ts";

/** How an attempt ends that was not made. */
export function unmade(kind: "abandoned" | "unreachable"): Outcome {
  return { kind, processed: "no", code: usualCode[kind], latencyMs: 0 };
}

/**
 * A place for one attempt: a lease on an endpoint, and room for one stream on one of its sessions. Whoever holds it settles the lease and gives
 * the room back, each once.
 */
export class Place {
  readonly lease: Lease;
  /** With room reserved for one stream. */
  readonly session: Session;
  readonly #pool: SessionPool;
  readonly #activity: Activity;

  readonly #onFreed: (isSettled: boolean) => void;

  /** @param onFreed the attempt is over, and later its stream as well; a stream that has ended takes Node.js some moments to close */
  constructor(lease: Lease, session: Session, pool: SessionPool, activity: Activity, onFreed: (isSettled: boolean) => void = () => {}) {
    this.#onFreed = onFreed;
    this.lease = lease;
    this.session = session;
    this.#pool = pool;
    this.#activity = activity;
    activity.hold();
  }

  /** Where it leads, as `host:port`. */
  get address(): string {
    return this.#pool.address;
  }

  /** The server begins to answer: it does not hang, whether it reports or not, and however long the rest takes. */
  onHeaders(headers: IncomingHttpHeaders, nowMs: number): void {
    this.lease.responded(this.#reportIn(headers), nowMs);
  }

  onTrailers(trailers: IncomingHttpHeaders, nowMs: number): void {
    const report = this.#reportIn(trailers);
    if (report !== undefined) this.lease.responded(report, nowMs);
  }

  /** The attempt is over: its outcome counts. */
  settle(outcome: Outcome, nowMs: number): void {
    this.lease.settle(outcome, nowMs);
    this.#onFreed(true);
  }

  /** There will be no attempt. */
  abandon(nowMs: number): void {
    this.settle(unmade("abandoned"), nowMs);
    this.release();
  }

  /** @param cancelled the stream was cancelled by us, and the server may count it a while longer */
  release(cancelled = false): void {
    this.session.release(cancelled);
    this.#activity.release();
    this.#onFreed(false);
  }

  #reportIn(headers: IncomingHttpHeaders): LoadReport | undefined {
    const value = headers[loadReportHeader];
    return value === undefined ? undefined : this.#pool.reports.read(value);
  }
}
