import type { Limits } from "../call-limits.ts";
import type { Endpoint } from "../endpoint.ts";
import type { LoadReport } from "../load-report.ts";
import type { BalancingSettings, ServiceConfig } from "../service-config.ts";
import type { Position } from "./levels/border.ts";
import type { Connectivity, EjectionState } from "./member.ts";
import type { Liveness } from "./members/liveness.ts";
import type { Outcome } from "./outcome.ts";
import type { PickContext } from "./pick-context.ts";

/**
 * Chooses endpoints and learns from what becomes of the calls. Pure: no I/O, no timers; the time comes in with each call,
 * in the ms of one monotonic clock.
 */
export interface Balancer {
  /** Takes the whole set, a list that does not change afterwards. A member whose id stays is kept with all that was learned; the rest is forgotten. */
  update(endpoints: readonly Endpoint[], nowMs: number): void;
  /**
   * Takes what discovery says of the settings, in place of what it said before. Options of code outrank it. Nothing is forgotten: who is out stays out,
   * and a policy that stays the same keeps what it knows. What is said of how calls are made is checked, and left to others.
   *
   * @throws ConfigurationError for what can't be used; nothing has changed then
   */
  configure(config: ServiceConfig, nowMs: number): void;
  /** Chooses an endpoint and counts the attempt as in flight, until the lease is settled. Undefined when nobody is eligible. */
  acquire(context: PickContext, nowMs: number): Lease | undefined;
  /** Where the client is, and with whom its calls stay: by its options, or else as {@link configure} was told. */
  readonly position: Position;
  /** How much may be under way at once, as it is set now. */
  readonly limits: Limits;
  /** Whether {@link acquire} has nobody to offer for no other reason than that endpoints have as many calls as they may have at once. */
  isFull(context: PickContext): boolean;
  /** What is learned apart from calls: a session's connectivity, or a report that came out of band. Unknown ids are ignored. */
  observe(endpointId: string, what: Connectivity | LoadReport, nowMs: number): void;
  /** Whether the endpoint serves, by what this client sees of it. One that is not known is gone. */
  livenessOf(endpointId: string, nowMs: number): Liveness;
  /** Each endpoint, its standing, and why it is or is not eligible. A plain snapshot. Asking notices what time alone changed, as a call does, and changes nothing. */
  inspect(nowMs: number): BalancerSnapshot;
  /** One sentence for an error: why {@link acquire} has nobody to offer, and what happens next. */
  explain(context: PickContext, nowMs: number): string;
}

/** An attempt's hold on a member. Both methods are idempotent, and safe after the member left. */
export interface Lease {
  readonly endpoint: Endpoint;
  /** The server answered; its report counts as it arrives, without waiting for the end of a stream. */
  responded(report: LoadReport | undefined, nowMs: number): void;
  /** The attempt is over: the load is released, and the outcome counts. */
  settle(outcome: Outcome, nowMs: number): void;
}

/** What a balancer knows just now. */
export interface BalancerSnapshot {
  readonly members: readonly MemberSnapshot[];
  /** How many may take a call of any shard now. */
  readonly eligible: number;
  /** So few are eligible that ejections are ignored. */
  readonly panic: boolean;
  /** What is set, and by whom. */
  readonly settings: BalancingSettings;
}

/** What a balancer knows of an endpoint. */
export interface MemberSnapshot {
  readonly endpoint: Endpoint;
  /** Whether it may take a call of any shard now. */
  readonly eligible: boolean;
  /** In one word, the weightiest of what speaks against it; `sound` if nothing does. In panic, and where nobody is sound, others are eligible too. */
  readonly standing: "sound" | "unreachable" | "ejected" | "probing" | "overloaded" | "unhealthy" | "draining" | "connecting" | "full";
  /** One sentence: why it is or is not eligible. */
  readonly reason: string;
  /** The part of its usual share that slow start allows it, 0 to 1. Absent when it has all of it. */
  readonly slowStartShare?: number;
  /** What the policy holds of it just now, in a sentence, if the policy says so. */
  readonly policySays?: string;
  readonly connectivity: Connectivity;
  readonly ejection: EjectionState;
  /** Ms until the ejected endpoint is probed. */
  readonly ejectedForMs?: number;
  readonly inFlight: number;
  /** Outcomes by kind, since the member was added. */
  readonly outcomes: Readonly<Record<Outcome["kind"], number>>;
  readonly report?: LoadReport;
  readonly reportAgeMs?: number;
}
