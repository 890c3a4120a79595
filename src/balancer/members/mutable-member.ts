import type { Endpoint } from "../../endpoint.ts";
import type { LoadReport } from "../../load-report.ts";
import type { Connectivity, EjectionState, Member } from "../member.ts";
import type { OutcomeKind } from "../outcome.ts";
import { boundReport } from "./bound-report.ts";
import { Unanswered } from "./unanswered.ts";

/** A draining report is believed this long: the usual grace period of a pod. A server that stays says so in its next report. */
const DRAINING_BELIEVED_MS = 30_000;
const MAX_REST_MS = 5_000;

/** The member as its balancer writes it. Policies see it as a {@link Member}. Times before the first are `-Infinity`. */
export class MutableMember implements Member {
  // What picks read of it comes first, together in memory.
  endpoint: Endpoint;
  readonly slot: number;
  inFlight = 0;
  readonly unanswered = new Unanswered();
  consecutiveFailures = 0;
  consecutiveClientErrors = 0;
  calls = 0;
  readonly addedAtMs: number;
  /** How many came before it. */
  order = 0;
  /** Whether it had as many calls as one endpoint may have when its standing was last reviewed. */
  full = false;
  connectivity: Connectivity = "idle";
  slowStartAtMs = -Infinity;
  /** Whether it had no part of the calls when its standing was last reviewed. One that comes to a set of others counts as coming back. */
  away = true;
  /** Was unreachable, and has had no ready session since. */
  lost = false;
  report: LoadReport | undefined = undefined;
  reportAtMs: number | undefined = undefined;
  readonly outcomes: Record<OutcomeKind, number> = {
    success: 0,
    clientError: 0,
    failure: 0,
    timeout: 0,
    overload: 0,
    refused: 0,
    unreachable: 0,
    abandoned: 0,
  };

  ejection: EjectionState = "none";
  /** Ejections in a row, each longer than the one before. */
  ejections = 0;
  ejectionReason = "";
  /** Whether one call decides about its return; otherwise it comes back when the time is over. */
  probed = true;
  ejectedForMs = 0;
  ejectedUntilMs = -Infinity;
  readmittedAtMs = -Infinity;
  /** Unanswered calls made while probing. */
  probes = 0;

  restUntilMs = -Infinity;
  drainingUntilMs = -Infinity;

  constructor(endpoint: Endpoint, slot: number, nowMs: number) {
    this.endpoint = endpoint;
    this.slot = slot;
    this.addedAtMs = nowMs;
  }

  get oldestUnansweredAtMs(): number {
    return this.unanswered.oldestAtMs;
  }

  unansweredSince(atMs: number): number {
    return this.unanswered.countSince(atMs);
  }

  take(cost: number): void {
    this.calls += 1;
    this.inFlight += cost;
  }

  release(cost: number): void {
    this.calls -= 1;
    // Sums of fractional costs leave a remainder behind; an idle member has exactly none.
    this.inFlight = this.calls === 0 ? 0 : this.inFlight - cost;
  }

  connect(connectivity: Connectivity): void {
    this.connectivity = connectivity;
    if (connectivity === "unreachable") this.lost = true;
    if (connectivity === "ready" || connectivity === "idle") this.lost = false;
  }

  /** Keeps the report, bounded. */
  learn(report: LoadReport, nowMs: number): LoadReport {
    const bounded = boundReport(report);
    this.report = bounded;
    this.reportAtMs = nowMs;
    this.drainingUntilMs = bounded.draining ? nowMs + DRAINING_BELIEVED_MS : -Infinity;
    return bounded;
  }

  /** Leaves it alone, as an overloaded server asked for: at most 5 s, lest a server talk itself out of the set. */
  rest(forMs: number, nowMs: number): void {
    this.restUntilMs = Math.max(this.restUntilMs, nowMs + Math.min(forMs, MAX_REST_MS));
  }

  eject(reason: string, forMs: number, nowMs: number, probed = true): void {
    this.probed = probed;
    this.ejection = "ejected";
    this.ejectionReason = reason;
    this.ejectedForMs = forMs;
    this.ejectedUntilMs = nowMs + forMs;
    this.probes = 0;
  }

  readmit(nowMs: number): void {
    this.ejection = "none";
    this.consecutiveFailures = 0;
    this.consecutiveClientErrors = 0;
    this.readmittedAtMs = nowMs;
  }

  /** Notices that its ejection ran out. */
  passTime(nowMs: number): void {
    if (this.ejection === "ejected" && nowMs >= this.ejectedUntilMs) this.ejection = this.probed ? "probing" : "none";
  }

  /** Whether a call made at `startedAtMs` is one of those that decide on the readmission. Earlier ones say nothing of it. */
  isProbe(startedAtMs: number): boolean {
    return this.ejection === "probing" && startedAtMs >= this.ejectedUntilMs;
  }
}
