import { backoffMs } from "../../backoff.ts";
import type { RandomSource } from "../../random-source.ts";
import type { BalancerEvent } from "../balancer-event.ts";
import type { MutableMember } from "../mutable-member.ts";
import type { Outcome } from "../outcome.ts";
import { consecutiveFailures } from "./consecutive-failures.ts";
import type { Detector } from "./detector.ts";

export interface EjectionOptions {
  /** Who accuses. Default `[consecutiveFailures()]`. */
  readonly detectors?: readonly Detector[] | undefined;
  /** How long the first ejection lasts, in ms. Default 1 000. */
  readonly baseMs?: number | undefined;
  /** The longest ejection before jitter, in ms. Default 60 000. */
  readonly maxMs?: number | undefined;
  /** Growth from one ejection to the next, >= 1. It starts anew once the endpoint stayed in for as long as it was out. Default 2. */
  readonly multiplier?: number | undefined;
  /** Each ejection is spread over ±`jitter` of itself, 0 to 1, so that many clients do not probe in step. Default 0.5. */
  readonly jitter?: number | undefined;
  /** Share of all members that may be out at once, 0 to 1; at least one of two or more, and never a single one. Default 0.5. */
  readonly maxEjectedShare?: number | undefined;
}

/**
 * Takes members out for a while when a detector accuses them, and lets one call decide whether they come back. Those that are
 * probing count as out.
 *
 * @see https://github.com/grpc/proposal/blob/master/A50-xds-outlier-detection.md
 */
export class Ejector {
  readonly #detectors: readonly Detector[];
  readonly #backoff: { readonly baseMs: number; readonly maxMs: number; readonly multiplier: number; readonly jitter: number };
  readonly #maxEjectedShare: number;
  readonly #random: RandomSource;
  #out = 0;

  constructor(options: EjectionOptions, random: RandomSource) {
    const { baseMs = 1_000, maxMs = 60_000, multiplier = 2, jitter = 0.5 } = options;
    this.#detectors = options.detectors ?? [consecutiveFailures()];
    this.#backoff = { baseMs, maxMs, multiplier, jitter };
    this.#maxEjectedShare = options.maxEjectedShare ?? 0.5;
    this.#random = random;
  }

  /**
   * @param startedAtMs when the call began: one from before the readmission says nothing of the member as it is now
   * @param known how many members there are
   */
  onOutcome(member: MutableMember, outcome: Outcome, startedAtMs: number, known: number, nowMs: number): BalancerEvent | undefined {
    if (outcome.kind === "abandoned" || startedAtMs < member.readmittedAtMs) return undefined;
    if (isFailure(outcome)) member.consecutiveFailures += 1;
    if (outcome.kind === "success") member.consecutiveFailures = 0;
    if (member.ejection !== "none") return member.isProbe(startedAtMs) ? this.#judgeProbe(member, outcome, nowMs) : undefined;
    const reason = this.#accuse(member, outcome, nowMs);
    if (reason === undefined || this.#out >= this.#maxOut(known)) return undefined;
    this.#out += 1;
    return this.#eject(member, reason, nowMs);
  }

  /** The member left the set. */
  forget(member: MutableMember): void {
    if (member.ejection !== "none") this.#out -= 1;
  }

  /** Keeps the bound after the set shrank: those whose time is over first come back first. */
  readmitExcess(members: Iterable<MutableMember>, known: number, nowMs: number): BalancerEvent[] {
    const excess = this.#out - this.#maxOut(known);
    if (excess <= 0) return [];
    const out = [...members].filter((member) => member.ejection !== "none").sort((a, b) => a.ejectedUntilMs - b.ejectedUntilMs);
    return out.slice(0, excess).map((member) => this.#readmit(member, nowMs));
  }

  /** Every detector sees every outcome, also after another one has accused. */
  #accuse(member: MutableMember, outcome: Outcome, nowMs: number): string | undefined {
    let reason: string | undefined;
    for (const detector of this.#detectors) {
      const accusation = detector.onOutcome(member, outcome, nowMs);
      reason ??= accusation;
    }
    return reason;
  }

  #judgeProbe(member: MutableMember, outcome: Outcome, nowMs: number): BalancerEvent | undefined {
    if (outcome.kind === "success") return this.#readmit(member, nowMs);
    return isFailure(outcome) ? this.#eject(member, "its probe failed", nowMs) : undefined;
  }

  #eject(member: MutableMember, reason: string, nowMs: number): BalancerEvent {
    const isRelapse = member.ejection === "probing" || nowMs - member.readmittedAtMs < member.ejectedForMs;
    member.ejections = isRelapse ? member.ejections + 1 : 1;
    const forMs = backoffMs(member.ejections, this.#backoff, this.#random);
    member.eject(reason, forMs, nowMs);
    return { type: "endpointEjected", endpoint: member.endpoint, reason, forMs };
  }

  #readmit(member: MutableMember, nowMs: number): BalancerEvent {
    this.#out -= 1;
    member.readmit(nowMs);
    return { type: "endpointReadmitted", endpoint: member.endpoint };
  }

  #maxOut(known: number): number {
    return known < 2 ? 0 : Math.max(1, Math.floor(this.#maxEjectedShare * known));
  }
}

function isFailure(outcome: Outcome): boolean {
  return outcome.kind === "failure" || outcome.kind === "timeout";
}
