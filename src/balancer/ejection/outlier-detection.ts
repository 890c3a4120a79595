import type { RandomSource } from "../../random-source.ts";
import { randomIndex } from "../../random-source.ts";
import type { BalancerEvent } from "../balancer-event.ts";
import type { MutableMember } from "../members/mutable-member.ts";
import type { Outcome } from "../outcome.ts";
import { countFailuresInARow } from "./consecutive-failures.ts";
import type { Ejection, EjectionEnv, Ejector } from "./ejection.ts";
import { evidenceOf } from "./evidence.ts";
import { type OutlierDetectionOptions, type OutlierSettings, outlierSettings } from "./outlier-options.ts";
import { failurePercentageOutliers, type Outlier, successRateOutliers, type Tally } from "./outliers.ts";

/**
 * The outlier detection of gRPC and Envoy in place of our own ejection: `ejection: outlierDetection()`. For fleets whose other clients use
 * it, or whose settings have proved themselves. It wants more traffic and more endpoints, takes up to an interval to notice, and lets
 * endpoints back untried; and where several fail at once, the deviation grows until nobody is an outlier.
 *
 * @throws ConfigurationError for an option that can't be used
 * @see https://github.com/grpc/proposal/blob/master/A50-xds-outlier-detection.md
 */
export function outlierDetection(options: OutlierDetectionOptions = {}): Ejection {
  const settings = outlierSettings(options);
  return (env) => new OutlierEjector(settings, env);
}

interface MemberTally extends Tally {
  readonly member: MutableMember;
}

/**
 * Counts outcomes; at the end of each interval ejects the outliers, and lets those back whose time is over. There is no timer: a sweep
 * that is due is made before the next call. Those that were missed meanwhile had no calls to judge, so all that is left of them is the
 * passing of time.
 *
 * `MutableMember.ejections` is A50's multiplier.
 */
class OutlierEjector implements Ejector {
  readonly #settings: OutlierSettings;
  readonly #random: RandomSource;
  /** By slot, since the latest sweep. */
  readonly #good: number[] = [];
  readonly #bad: number[] = [];
  /** Sweep n is due n intervals after this. Counted, not added up, so that equal times are equal numbers. */
  #beganAtMs: number | undefined;
  #nextSweep = 1;

  constructor(settings: OutlierSettings, { random }: EjectionEnv) {
    this.#settings = settings;
    this.#random = random;
  }

  /** `-Infinity` before the first review, which begins the first interval. */
  get reviewAtMs(): number {
    return this.#beganAtMs === undefined ? -Infinity : this.#dueAtMs(this.#nextSweep);
  }

  onOutcome(member: MutableMember, outcome: Outcome, startedAtMs: number): undefined {
    if (startedAtMs < member.readmittedAtMs) return;
    countFailuresInARow(member, outcome.kind);
    // To A50, a call has succeeded or failed.
    const evidence = outcome.kind === "clientError" ? "bad" : evidenceOf(outcome);
    if (evidence === "none" || member.ejection !== "none") return;
    const counts = evidence === "good" ? this.#good : this.#bad;
    counts[member.slot] = (counts[member.slot] ?? 0) + 1;
  }

  review(members: Iterable<MutableMember>, _known: number, nowMs: number): readonly BalancerEvent[] {
    this.#beganAtMs ??= nowMs;
    const sweep = this.#nextSweep;
    if (nowMs < this.#dueAtMs(sweep)) return [];
    const latest = Math.max(sweep, Math.floor((nowMs - this.#beganAtMs) / this.#settings.intervalMs));
    this.#nextSweep = latest + 1;
    const all = [...members];
    return [...this.#ejectOutliers(all, sweep), ...this.#passTime(all, sweep, latest, nowMs)];
  }

  forget({ slot }: MutableMember): void {
    this.#good[slot] = 0;
    this.#bad[slot] = 0;
  }

  #dueAtMs(sweep: number): number {
    return (this.#beganAtMs ?? 0) + sweep * this.#settings.intervalMs;
  }

  #ejectOutliers(members: readonly MutableMember[], sweep: number): readonly BalancerEvent[] {
    const events: BalancerEvent[] = [];
    let out = members.filter(isOut).length;
    for (const { tally, reason, enforcementPercentage } of this.#outliers(members)) {
      if (out > 0 && (100 * out) / members.length >= this.#settings.maxEjectionPercent) break;
      if (isOut(tally.member) || randomIndex(this.#random, 100) >= enforcementPercentage) continue;
      out += 1;
      events.push(this.#eject(tally.member, reason, sweep));
    }
    return events;
  }

  /** Takes the counts of the interval that is over. */
  #outliers(members: readonly MutableMember[]): readonly Outlier<MemberTally>[] {
    const { successRateEjection, failurePercentageEjection } = this.#settings;
    const tallies = members.map((member) => ({ member, good: this.#good[member.slot] ?? 0, bad: this.#bad[member.slot] ?? 0 }));
    this.#good.fill(0);
    this.#bad.fill(0);
    return [
      ...(successRateEjection ? successRateOutliers(tallies, successRateEjection) : []),
      ...(failurePercentageEjection ? failurePercentageOutliers(tallies, failurePercentageEjection) : []),
    ];
  }

  #eject(member: MutableMember, reason: string, sweep: number): BalancerEvent {
    const { intervalMs, baseEjectionMs, maxEjectionMs } = this.#settings;
    member.ejections += 1;
    const leastMs = Math.min(baseEjectionMs * member.ejections, Math.max(baseEjectionMs, maxEjectionMs));
    const intervals = Math.max(1, Math.ceil(leastMs / intervalMs));
    const forMs = intervals * intervalMs;
    member.eject(reason, forMs, this.#dueAtMs(sweep), false);
    member.ejectedUntilMs = this.#dueAtMs(sweep + intervals); // to the bit, which a sum may miss
    return { type: "endpointEjected", endpoint: member.endpoint, reason, forMs };
  }

  /** What all sweeps from one to another do besides judging: those that are in get milder, those whose time is over come back. */
  #passTime(members: readonly MutableMember[], sweep: number, latest: number, nowMs: number): readonly BalancerEvent[] {
    const events: BalancerEvent[] = [];
    for (const member of members) {
      const backAt = isOut(member) ? this.#sweepAt(member.ejectedUntilMs) : sweep - 1;
      if (backAt > latest) continue;
      member.ejections = Math.max(0, member.ejections - (latest - backAt));
      if (!isOut(member)) continue;
      member.readmit(nowMs);
      events.push({ type: "endpointReadmitted", endpoint: member.endpoint });
    }
    return events;
  }

  #sweepAt(dueAtMs: number): number {
    return Math.round((dueAtMs - (this.#beganAtMs ?? 0)) / this.#settings.intervalMs);
  }
}

function isOut(member: MutableMember): boolean {
  return member.ejection !== "none";
}
