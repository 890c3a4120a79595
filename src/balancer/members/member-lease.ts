import type { Endpoint } from "../../endpoint.ts";
import type { LoadReport } from "../../load-report.ts";
import type { Lease } from "../balancer.ts";
import { callCost } from "../load.ts";
import type { Outcome } from "../outcome.ts";
import { isBound, type PickContext } from "../pick-context.ts";
import type { MutableMember } from "./mutable-member.ts";
import type { Link } from "./unanswered.ts";

/** The balancer, as its leases know it. */
export interface LeaseHolder {
  /** The call was answered or is over; at most once for each lease. */
  onAnswered(lease: MemberLease, nowMs: number): void;
  onReport(member: MutableMember, report: LoadReport, nowMs: number): void;
  /** At most once for each lease. */
  onSettled(lease: MemberLease, outcome: Outcome, nowMs: number): void;
}

/** Holds the member itself, not its id: what it releases later is what it took, even if another member has the id by then. */
export class MemberLease implements Lease, Link {
  readonly endpoint: Endpoint;
  readonly #holder: LeaseHolder;
  readonly member: MutableMember;
  readonly cost: number;
  readonly isBound: boolean;
  readonly startedAtMs: number;
  #answered = false;
  #settled = false;
  /** Neighbours among the member's unanswered ones, by when they began. */
  older: Link | undefined = undefined;
  newer: Link | undefined = undefined;

  constructor(holder: LeaseHolder, member: MutableMember, context: PickContext, nowMs: number) {
    this.endpoint = member.endpoint;
    this.#holder = holder;
    this.member = member;
    this.cost = callCost(context);
    this.isBound = isBound(context);
    this.startedAtMs = nowMs;
    member.take(this.cost);
    member.unanswered.add(this);
  }

  responded(report: LoadReport | undefined, nowMs: number): void {
    this.#answer(nowMs);
    if (report !== undefined) this.#holder.onReport(this.member, report, nowMs);
  }

  settle(outcome: Outcome, nowMs: number): void {
    if (this.#settled) return;
    this.#settled = true;
    this.member.release(this.cost);
    this.#answer(nowMs);
    this.#holder.onSettled(this, outcome, nowMs);
  }

  #answer(nowMs: number): void {
    if (this.#answered) return;
    this.#answered = true;
    this.member.unanswered.delete(this);
    this.#holder.onAnswered(this, nowMs);
  }
}
