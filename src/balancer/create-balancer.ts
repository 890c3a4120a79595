import type { Limits } from "../call-limits.ts";
import { assertChecked } from "../check-options.ts";
import type { Endpoint } from "../endpoint.ts";
import type { LoadReport } from "../load-report.ts";
import type { BalancingSettings, ServiceConfig } from "../service-config.ts";
import type { Balancer, BalancerSnapshot, Lease } from "./balancer.ts";
import type { BalancerEvent } from "./balancer-event.ts";
import { type BalancerOptions, checkBalancer } from "./balancer-options.ts";
import { createEjector } from "./containment/contained-ejection.ts";
import { assertPolicy } from "./containment/contained-picker.ts";
import { Faults } from "./containment/faults.ts";
import { describeMember, explainNobody } from "./describe.ts";
import type { Ejector } from "./ejection/ejection.ts";
import { Border, type Position } from "./levels/border.ts";
import { Levels, type LevelsEnv } from "./levels/levels.ts";
import type { Connectivity } from "./member.ts";
import { type Liveness, livenessOf } from "./members/liveness.ts";
import { type LeaseHolder, MemberLease } from "./members/member-lease.ts";
import type { MutableMember } from "./members/mutable-member.ts";
import { Roster } from "./members/roster.ts";
import { Standings } from "./members/standings.ts";
import type { Outcome } from "./outcome.ts";
import type { PickContext } from "./pick-context.ts";
import { inForce, type Settings, settingsOf } from "./settings/settings.ts";
import { SlowStart } from "./slow-start/slow-start.ts";

/** A balancer without members: feed it with {@link Balancer.update}. */
export function createBalancer(options: BalancerOptions): Balancer {
  return new MemberBalancer(assertChecked(options, checkBalancer));
}

/** Ties together who is there, who may take a call, who chooses, and who is out. */
class MemberBalancer implements Balancer, LeaseHolder {
  readonly #options: BalancerOptions;
  #config: ServiceConfig = {};
  readonly #slowStart: SlowStart;
  readonly #roster = new Roster();
  /** What the levels read, as it is set now. */
  readonly #env: { -readonly [Name in keyof LevelsEnv]: LevelsEnv[Name] };
  readonly #border: Border;
  readonly #levels: Levels;
  readonly #standings: Standings;
  #ejector: Ejector;
  readonly #faults = new Faults();
  #panic = false;
  limits: Limits;

  constructor(options: BalancerOptions) {
    this.#options = options;
    const { random, zone, node, spill: { aboveUtilization = 0.92, penalty = 12 } = {} } = options;
    const { ejection, slowStart, limits, affinity, ...settings } = settingsOf(options, {});
    if (options.policy !== undefined) assertPolicy(options.policy);
    this.#slowStart = new SlowStart(slowStart);
    const border = new Border({ zone, node, affinity });
    this.#border = border;
    const parts = { border, slowStart: this.#slowStart, faults: this.#faults };
    this.#env = {
      ...settings,
      ...parts,
      random,
      spill: { aboveUtilization, penalty },
      get zone() {
        return border.around;
      },
    };
    this.#levels = new Levels(this.#env);
    this.#standings = new Standings(this.#roster, this.#slowStart, this.#levels);
    this.#ejector = createEjector(ejection, { random }, this.#faults);
    this.limits = limits;
    this.#standings.maxCalls = limits.maxCallsPerEndpoint;
  }

  configure(config: ServiceConfig, nowMs: number): void {
    const { policy, ejection, slowStart, panicThreshold, overprovisioningFactor, limits, affinity } = settingsOf(this.#options, config);
    const before = this.#settings;
    this.#config = config;
    const now = this.#settings;
    const isChanged = (name: keyof BalancingSettings) => JSON.stringify(now[name].value) !== JSON.stringify(before[name].value);
    this.#advance(nowMs);
    Object.assign(this.#env, { panicThreshold, overprovisioningFactor });
    if (isChanged("slowStart")) this.#slowStart.configure(slowStart);
    if (isChanged("policy")) {
      this.#env.policy = policy;
      this.#levels.changePolicy();
    }
    if (isChanged("ejection")) this.#changeEjector(ejection, nowMs);
    if (isChanged("limits")) {
      this.limits = limits;
      this.#standings.maxCalls = limits.maxCallsPerEndpoint;
      this.#standings.reviewAll(nowMs);
    }
    const zone = this.#options.zone ?? config.zone;
    if (this.#border.draw({ ...this.position, zone, affinity }, this.#endpoints())) {
      this.#standings.reviewAll(nowMs);
      this.#levels.tellMembership();
    }
    this.#tellRest();
  }

  get position(): Position {
    return this.#border.position;
  }

  update(endpoints: readonly Endpoint[], nowMs: number): void {
    this.#advance(nowMs);
    const isFirst = this.#roster.size === 0;
    const { added, removed, altered, touched } = this.#roster.update(endpoints, nowMs);
    for (const member of removed) {
      this.#standings.remove(member);
      this.#ejector.forget(member);
    }
    for (const member of altered) this.#levels.noteAltered(member);
    // The first ones have their full share from the start: nobody is there to take it meanwhile.
    for (const member of added) member.away = !isFirst;
    const readmissions = this.#ejector.review(this.#roster.members(), this.#roster.size, nowMs);
    const isRedrawn = this.#border.draw(this.position, endpoints);
    if (isRedrawn || readmissions.length > 0) this.#standings.reviewAll(nowMs);
    else this.#standings.reviewChanged(touched, nowMs);
    this.#levels.tellMembership();
    for (const { endpoint } of removed) this.#tell({ type: "endpointRemoved", endpoint });
    for (const { endpoint } of added) this.#tell({ type: "endpointAdded", endpoint });
    for (const event of readmissions) this.#tell(event);
    this.#tellRest();
  }

  acquire(context: PickContext, nowMs: number): Lease | undefined {
    this.#advance(nowMs);
    const picked = this.#levels.pick(context, nowMs);
    const member = picked && this.#roster.current(picked);
    const lease = member && this.#lease(member, context, nowMs);
    this.#tellFaults();
    return lease;
  }

  isFull({ shard, avoid }: PickContext): boolean {
    const isAsked = ({ endpoint }: MutableMember) => !avoid?.has(endpoint.id) && (shard === undefined || endpoint.labels.shard === shard);
    return [...this.#roster.members()].some((member) => member.full && member.connectivity !== "unreachable" && isAsked(member));
  }

  observe(endpointId: string, what: Connectivity | LoadReport, nowMs: number): void {
    const member = this.#roster.find(endpointId);
    if (member === undefined) return;
    if (typeof what !== "string") return this.onReport(member, what, nowMs);
    this.#advance(nowMs);
    member.connect(what);
    this.#standings.review(member, nowMs);
    this.#tellRest();
  }

  livenessOf(endpointId: string, nowMs: number): Liveness {
    this.#advance(nowMs);
    const member = this.#roster.find(endpointId);
    return member === undefined ? "gone" : livenessOf(member, nowMs);
  }

  inspect(nowMs: number): BalancerSnapshot {
    this.#advance(nowMs);
    const levels = this.#levels;
    const eligible = levels.eligible();
    const members = [...this.#roster.members()].map((member) => {
      const share = this.#slowStart.shareOf(member, nowMs);
      const policySays = levels.groupOf(member)?.picker.describe(member, nowMs);
      const place = { eligible: eligible.has(member), isBeyondZone: levels.isBeyondZone(member), share, policySays };
      return describeMember(member, place, nowMs);
    });
    this.#tellFaults();
    return { members, eligible: eligible.size, panic: levels.panic, settings: this.#settings };
  }

  explain(context: PickContext, nowMs: number): string {
    this.#advance(nowMs);
    return explainNobody([...this.#roster.members()], context, nowMs);
  }

  onAnswered({ member, startedAtMs }: MemberLease, nowMs: number): void {
    if (!this.#isCurrent(member) || !member.isProbe(startedAtMs)) return;
    member.probes -= 1;
    this.#standings.review(member, nowMs);
  }

  onReport(member: MutableMember, report: LoadReport, nowMs: number): void {
    if (!this.#isCurrent(member)) return;
    this.#advance(nowMs);
    const previous = member.report;
    const bounded = member.learn(report, nowMs);
    this.#slowStart.onReport(member, previous, nowMs);
    this.#levels.gateOf(member)?.onReport(bounded, nowMs);
    this.#levels.groupOf(member)?.onReport(member, bounded, nowMs);
    this.#standings.noteClaim(member, nowMs);
    this.#tellRest();
  }

  onSettled(lease: MemberLease, outcome: Outcome, nowMs: number): void {
    const { member, cost, startedAtMs } = lease;
    if (!this.#isCurrent(member)) return;
    this.#advance(nowMs);
    const { kind, retryAfterMs = 0 } = outcome;
    member.outcomes[kind] += 1;
    if (kind === "overload" && retryAfterMs > 0) member.rest(retryAfterMs, nowMs);
    const event = this.#ejector.onOutcome(member, asEvidence(outcome, lease), startedAtMs, this.#roster.size, nowMs);
    if (kind === "success") this.#levels.gateOf(member)?.onSuccess(outcome.latencyMs, nowMs);
    this.#levels.groupOf(member)?.onSettle(member, outcome, nowMs, cost);
    this.#standings.review(member, nowMs);
    if (event !== undefined) this.#tell(event);
    this.#tellRest();
  }

  *#endpoints(): Iterable<Endpoint> {
    for (const { endpoint } of this.#roster.members()) yield endpoint;
  }

  get #settings(): BalancingSettings {
    return inForce(this.#options, this.#config);
  }

  /** Who is out stays out as long as was said; the new ejector decides on the return. */
  #changeEjector(ejection: Settings["ejection"], nowMs: number): void {
    const out = [...this.#roster.members()].filter((member) => member.ejection !== "none");
    this.#ejector = createEjector(ejection, { random: this.#options.random, out }, this.#faults);
    const events = this.#ejector.review(this.#roster.members(), this.#roster.size, nowMs);
    this.#standings.reviewAll(nowMs);
    for (const event of events) this.#tell(event);
  }

  #lease(member: MutableMember, context: PickContext, nowMs: number): Lease {
    const lease = new MemberLease(this, member, context, nowMs);
    const isProbe = member.ejection === "probing";
    if (isProbe) member.probes += 1;
    if (isProbe || this.#standings.isFull(member)) this.#standings.review(member, nowMs);
    this.#levels.groupOf(member)?.picker.onStart(member, nowMs, lease.cost);
    return lease;
  }

  #isCurrent(member: MutableMember): boolean {
    return this.#roster.current(member) !== undefined;
  }

  /** Notices what the passing of time changed. O(1) unless something did. */
  #advance(nowMs: number): void {
    const isReviewDue = nowMs >= this.#ejector.reviewAtMs;
    if (nowMs < this.#standings.nextChangeMs && !isReviewDue) return;
    const events = isReviewDue ? this.#ejector.review(this.#roster.members(), this.#roster.size, nowMs) : [];
    this.#standings.passTime(nowMs);
    if (events.length > 0) this.#standings.reviewAll(nowMs);
    for (const event of events) this.#tell(event);
    this.#tellRest();
  }

  /** To be called at the end of each change: tells what followed from it. */
  #tellRest(): void {
    this.#tellFaults();
    const { panic, sound } = this.#levels;
    if (panic === this.#panic) return;
    this.#panic = panic;
    this.#tell({ type: "panicChanged", panic, eligible: sound, total: this.#roster.size });
  }

  #tellFaults(): void {
    if (!this.#faults.areUntold) return;
    for (const event of this.#faults.take()) this.#tell(event);
  }

  #tell(event: BalancerEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** Where a key or a shard chose the endpoint, a client error says nothing about it: whatever is wrong with the call would go there each time. */
function asEvidence(outcome: Outcome, { isBound }: MemberLease): Outcome {
  return isBound && outcome.kind === "clientError" ? { ...outcome, kind: "success" } : outcome;
}
