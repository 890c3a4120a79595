import type { Endpoint } from "../endpoint.ts";
import type { LoadReport } from "../load-report.ts";
import type { Balancer, BalancerSnapshot, Lease } from "./balancer.ts";
import type { BalancerEvent } from "./balancer-event.ts";
import { type BalancerOptions, ladderSettings } from "./balancer-options.ts";
import { describeMember, explainNobody } from "./describe.ts";
import { createEjector } from "./ejection/create-ejector.ts";
import type { Ejector } from "./ejection/ejection.ts";
import { Faults } from "./faults.ts";
import { Ladder } from "./ladder.ts";
import type { Connectivity } from "./member.ts";
import type { EndedCall, LeaseHolder } from "./member-lease.ts";
import { MemberLease } from "./member-lease.ts";
import type { MutableMember } from "./mutable-member.ts";
import type { Outcome } from "./outcome.ts";
import type { PickContext } from "./pick-context.ts";
import { Roster } from "./roster.ts";
import { Seating } from "./seating.ts";
import { SlowStart } from "./slow-start.ts";

/** The balancer: ties together who is there, who may take a call, who chooses, and who is out. */
export class MemberBalancer implements Balancer, LeaseHolder {
  readonly #onEvent: BalancerOptions["onEvent"];
  readonly #slowStart: SlowStart;
  readonly #roster = new Roster();
  readonly #seating: Seating;
  readonly #ladder: Ladder;
  readonly #ejector: Ejector;
  readonly #faults = new Faults();
  #panic = false;

  constructor(options: BalancerOptions) {
    const { random, ejection = {}, slowStart = {}, onEvent } = options;
    this.#onEvent = onEvent;
    this.#slowStart = new SlowStart(slowStart);
    const settings = { ...ladderSettings(options), slowStart: this.#slowStart, faults: this.#faults };
    this.#seating = new Seating(this.#roster, this.#slowStart, () => new Ladder(settings));
    this.#ladder = this.#seating.ladder;
    this.#ejector = createEjector(ejection, { random }, this.#faults);
  }

  update(endpoints: readonly Endpoint[], nowMs: number): void {
    this.#advance(nowMs);
    const isFirst = this.#roster.size === 0;
    const { added, removed, altered } = this.#roster.update(endpoints, nowMs);
    for (const member of removed) this.#dismiss(member);
    for (const member of altered) this.#ladder.noteAltered(member);
    // The first ones have their full share from the start: nobody is there to take it meanwhile.
    for (const member of added) member.serving = isFirst;
    const readmissions = this.#ejector.review(this.#roster.members(), this.#roster.size, nowMs);
    this.#seating.reseatAll(nowMs);
    this.#ladder.tellMembership();
    for (const { endpoint } of removed) this.#tell({ type: "endpointRemoved", endpoint });
    for (const { endpoint } of added) this.#tell({ type: "endpointAdded", endpoint });
    for (const event of readmissions) this.#tell(event);
    this.#tellRest();
  }

  acquire(context: PickContext, nowMs: number): Lease | undefined {
    this.#advance(nowMs);
    const picked = this.#ladder.pick(context, nowMs);
    const member = picked && this.#roster.current(picked);
    const lease = member && this.#lease(member, context, nowMs);
    if (this.#faults.areUntold) this.#tellFaults();
    return lease;
  }

  observe(endpointId: string, what: Connectivity | LoadReport, nowMs: number): void {
    const member = this.#roster.find(endpointId);
    if (member === undefined) return;
    if (typeof what !== "string") return this.onReport(member, what, nowMs);
    this.#advance(nowMs);
    member.connect(what);
    this.#seating.reseat(member, nowMs);
    this.#tellRest();
  }

  inspect(nowMs: number): BalancerSnapshot {
    const ladder = this.#seating.ladderAt(nowMs);
    const eligible = ladder.eligible();
    const members = [...this.#roster.members()].map((member) => {
      const share = this.#slowStart.shareOf(member, nowMs);
      return describeMember(member, { eligible: eligible.has(member), isBeyondZone: ladder.isBeyondZone(member), share }, nowMs);
    });
    return { members, eligible: eligible.size, panic: ladder.panic };
  }

  explain(context: PickContext, nowMs: number): string {
    return explainNobody([...this.#roster.members()], context, nowMs);
  }

  onAnswered(member: MutableMember, startedAtMs: number, nowMs: number): void {
    if (!this.#isCurrent(member) || !member.isProbe(startedAtMs)) return;
    member.probes -= 1;
    this.#seating.reseat(member, nowMs);
  }

  onReport(member: MutableMember, report: LoadReport, nowMs: number): void {
    if (!this.#isCurrent(member)) return;
    this.#advance(nowMs);
    const previous = member.report;
    const bounded = member.learn(report, nowMs);
    this.#slowStart.onReport(member, previous, nowMs);
    this.#ladder.gateOf(member)?.onReport(bounded, nowMs);
    this.#ladder.groupOf(member)?.onReport(member, bounded, nowMs);
    this.#seating.noteClaim(member, nowMs);
    this.#tellRest();
  }

  onSettled(member: MutableMember, outcome: Outcome, call: EndedCall, nowMs: number): void {
    if (!this.#isCurrent(member)) return;
    this.#advance(nowMs);
    const { kind, retryAfterMs = 0 } = outcome;
    member.outcomes[kind] += 1;
    if (kind === "overload" && retryAfterMs > 0) member.rest(retryAfterMs, nowMs);
    const event = this.#ejector.onOutcome(member, asEvidence(outcome, call), call.startedAtMs, this.#roster.size, nowMs);
    if (kind === "success") this.#ladder.gateOf(member)?.onSuccess(outcome.latencyMs, nowMs);
    this.#ladder.groupOf(member)?.onSettle(member, outcome, nowMs, call.cost);
    this.#seating.reseat(member, nowMs);
    if (event !== undefined) this.#tell(event);
    this.#tellRest();
  }

  #lease(member: MutableMember, context: PickContext, nowMs: number): Lease {
    const lease = new MemberLease(this, member, context, nowMs);
    if (member.ejection === "probing") {
      member.probes += 1;
      this.#seating.reseat(member, nowMs);
    }
    this.#ladder.groupOf(member)?.picker.onStart(member, nowMs, lease.cost);
    return lease;
  }

  #isCurrent(member: MutableMember): boolean {
    return this.#roster.current(member) !== undefined;
  }

  #dismiss(member: MutableMember): void {
    this.#seating.remove(member);
    this.#ejector.forget(member);
  }

  /** Notices what the passing of time changed. O(1) unless something did. */
  #advance(nowMs: number): void {
    const isReviewDue = nowMs >= this.#ejector.reviewAtMs;
    if (nowMs < this.#seating.nextChangeMs && !isReviewDue) return;
    const events = isReviewDue ? this.#ejector.review(this.#roster.members(), this.#roster.size, nowMs) : [];
    this.#seating.passTime(nowMs);
    if (events.length > 0) this.#seating.reseatAll(nowMs);
    for (const event of events) this.#tell(event);
    this.#tellRest();
  }

  /** To be called at the end of each change: tells what followed from it. */
  #tellRest(): void {
    if (this.#faults.areUntold) this.#tellFaults();
    const { panic, sound } = this.#ladder;
    if (panic === this.#panic) return;
    this.#panic = panic;
    this.#tell({ type: "panicChanged", panic, eligible: sound, total: this.#roster.size });
  }

  #tellFaults(): void {
    for (const event of this.#faults.take()) this.#tell(event);
  }

  #tell(event: BalancerEvent): void {
    this.#onEvent?.(event);
  }
}

/** Where a key or a shard chose the endpoint, a client error says nothing about it: whatever is wrong with the call would go there each time. */
function asEvidence(outcome: Outcome, { isBound }: EndedCall): Outcome {
  return isBound && outcome.kind === "clientError" ? { ...outcome, kind: "success" } : outcome;
}
