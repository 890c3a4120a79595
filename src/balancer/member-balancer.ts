import type { Endpoint } from "../endpoint.ts";
import type { LoadReport } from "../load-report.ts";
import type { RandomSource } from "../random-source.ts";
import type { Balancer, BalancerSnapshot, Lease } from "./balancer.ts";
import type { BalancerEvent } from "./balancer-event.ts";
import { CandidateSets } from "./candidate-sets.ts";
import { describeMember, explainNobody } from "./describe.ts";
import { type EjectionOptions, Ejector } from "./ejection/ejector.ts";
import { callCost } from "./load.ts";
import type { Connectivity } from "./member.ts";
import type { LeaseHolder } from "./member-lease.ts";
import { MemberLease } from "./member-lease.ts";
import type { MutableMember } from "./mutable-member.ts";
import type { Outcome } from "./outcome.ts";
import type { PickContext } from "./pick-context.ts";
import { powerOfTwo } from "./policies/power-of-two.ts";
import type { Picker, Policy } from "./policy.ts";
import { Roster } from "./roster.ts";
import { changesAtMs, holdOf, tierOf } from "./standing.ts";

export interface BalancerOptions {
  readonly random: RandomSource;
  /** Who chooses among the eligible. Default `powerOfTwo()`. */
  readonly policy?: Policy | undefined;
  /** When endpoints sit out because of their failures; false for never. Default: 5 failures in a row, see {@link EjectionOptions}. */
  readonly ejection?: EjectionOptions | false | undefined;
  /**
   * Share of all known members, 0 to 1: with fewer eligible, ejections and pauses after overload are ignored, lest the rest be overrun.
   * 0 for never. Default 0.5. Equivalent to Envoy's `healthy_panic_threshold`.
   */
  readonly panicThreshold?: number | undefined;
  /** Called once the change is complete. Must not throw. */
  readonly onEvent?: ((event: BalancerEvent) => void) | undefined;
}

const ANY_CALL: PickContext = { method: "" };

/** The balancer: ties together who is there, who may take a call, who chooses, and who is out. */
export class MemberBalancer implements Balancer, LeaseHolder {
  readonly #options: BalancerOptions;
  readonly #panicThreshold: number;
  readonly #roster = new Roster();
  readonly #sets: CandidateSets;
  readonly #picker: Picker;
  readonly #ejector: Ejector;
  /** Members whose standing changes as time passes, and when the first of them may. One comparison on the hot path stands for timers. */
  readonly #timed = new Set<MutableMember>();
  #nextChangeMs = Infinity;
  #panic = false;

  constructor(options: BalancerOptions) {
    const { random, policy = powerOfTwo(), ejection = {} } = options;
    this.#options = options;
    this.#panicThreshold = options.panicThreshold ?? 0.5;
    this.#sets = new CandidateSets(random, this.#panicThreshold);
    this.#picker = policy({ random, candidates: this.#sets });
    this.#ejector = new Ejector(ejection === false ? { detectors: [] } : ejection, random);
  }

  update(endpoints: readonly Endpoint[], nowMs: number): void {
    this.#advance(nowMs);
    const { added, removed, reweighted } = this.#roster.update(endpoints, nowMs);
    for (const member of removed) this.#dismiss(member);
    const readmissions = this.#ejector.readmitExcess(this.#roster.members(), this.#roster.size, nowMs);
    for (const member of this.#roster.members()) this.#reseat(member, nowMs);
    if (added.length > 0 || removed.length > 0 || reweighted) this.#picker.membership?.([...this.#roster.members()]);
    for (const { endpoint } of removed) this.#tell({ type: "endpointRemoved", endpoint });
    for (const { endpoint } of added) this.#tell({ type: "endpointAdded", endpoint });
    for (const event of readmissions) this.#tell(event);
    this.#tellPanic();
  }

  acquire(context: PickContext, nowMs: number): Lease | undefined {
    this.#advance(nowMs);
    const picked = this.#picker.pick(context, nowMs);
    if (picked === undefined) return undefined;
    const member = this.#roster.current(picked);
    if (member === undefined) throw new Error(`the policy chose ${picked.endpoint.id}, which is no member: choose through env.candidates`);
    const lease = new MemberLease(this, member, callCost(context), nowMs);
    if (member.ejection === "probing") {
      member.probes += 1;
      this.#reseat(member, nowMs);
    }
    this.#picker.onStart?.(member, nowMs);
    return lease;
  }

  observe(endpointId: string, what: Connectivity | LoadReport, nowMs: number): void {
    const member = this.#roster.find(endpointId);
    if (member === undefined) return;
    if (typeof what !== "string") return this.onReport(member, what, nowMs);
    this.#advance(nowMs);
    member.connect(what);
    this.#reseat(member, nowMs);
    this.#tellPanic();
  }

  inspect(nowMs: number): BalancerSnapshot {
    const sets = this.#setsAt(nowMs);
    const selection = sets.select(ANY_CALL);
    const members = [...this.#roster.members()].map((member) => describeMember(member, selection.has(member), nowMs));
    return { members, eligible: selection.size, panic: sets.panic };
  }

  explain(context: PickContext, nowMs: number): string {
    return explainNobody([...this.#roster.members()], context, nowMs);
  }

  onAnswered(member: MutableMember, startedAtMs: number, nowMs: number): void {
    if (!this.#isCurrent(member) || !member.isProbe(startedAtMs)) return;
    member.probes -= 1;
    this.#reseat(member, nowMs);
  }

  onReport(member: MutableMember, report: LoadReport, nowMs: number): void {
    if (!this.#isCurrent(member)) return;
    this.#advance(nowMs);
    const bounded = member.learn(report, nowMs);
    this.#picker.onReport?.(member, bounded, nowMs);
    this.#reseat(member, nowMs);
    this.#tellPanic();
  }

  onSettled(member: MutableMember, outcome: Outcome, startedAtMs: number, nowMs: number): void {
    if (!this.#isCurrent(member)) return;
    this.#advance(nowMs);
    const { kind, retryAfterMs = 0 } = outcome;
    member.outcomes[kind] += 1;
    if (kind === "overload" && retryAfterMs > 0) member.rest(retryAfterMs, nowMs);
    const event = this.#ejector.onOutcome(member, outcome, startedAtMs, this.#roster.size, nowMs);
    this.#picker.onSettle?.(member, outcome, nowMs);
    this.#reseat(member, nowMs);
    if (event !== undefined) this.#tell(event);
    this.#tellPanic();
  }

  #isCurrent(member: MutableMember): boolean {
    return this.#roster.current(member) !== undefined;
  }

  #dismiss(member: MutableMember): void {
    this.#timed.delete(member);
    this.#sets.remove(member);
    this.#ejector.forget(member);
  }

  /** Notices what the passing of time changed. O(1) unless something did. */
  #advance(nowMs: number): void {
    if (nowMs < this.#nextChangeMs) return;
    this.#nextChangeMs = Infinity;
    const timed = [...this.#timed];
    this.#timed.clear();
    for (const member of timed) {
      member.ejection = member.ejectionAt(nowMs);
      this.#reseat(member, nowMs);
    }
    this.#tellPanic();
  }

  #reseat(member: MutableMember, nowMs: number): void {
    this.#sets.place(member, tierOf(member, nowMs), holdOf(member, nowMs));
    const changesMs = changesAtMs(member, nowMs);
    if (changesMs === Infinity) return;
    this.#timed.add(member);
    this.#nextChangeMs = Math.min(this.#nextChangeMs, changesMs);
  }

  /** The sets as they will be at `nowMs`, without noticing anything: a question must not act. */
  #setsAt(nowMs: number): CandidateSets {
    if (nowMs < this.#nextChangeMs) return this.#sets;
    const sets = new CandidateSets(this.#options.random, this.#panicThreshold);
    for (const member of this.#roster.members()) sets.place(member, tierOf(member, nowMs), holdOf(member, nowMs));
    return sets;
  }

  #tellPanic(): void {
    const { panic, sound } = this.#sets;
    if (panic === this.#panic) return;
    this.#panic = panic;
    this.#tell({ type: "panicChanged", panic, eligible: sound, total: this.#roster.size });
  }

  #tell(event: BalancerEvent): void {
    this.#options.onEvent?.(event);
  }
}
