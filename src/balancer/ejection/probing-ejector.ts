import { backoffMs } from "../../backoff.ts";
import { callable, durationMs, givenOf, list, number, optionsOf, share } from "../../check-options.ts";
import type { RandomSource } from "../../random-source.ts";
import type { BalancerEvent } from "../balancer-event.ts";
import type { MutableMember } from "../members/mutable-member.ts";
import type { Outcome } from "../outcome.ts";
import { ClientErrors } from "./client-errors.ts";
import { consecutiveFailures, countFailuresInARow } from "./consecutive-failures.ts";
import type { Accuser, Detector } from "./detector.ts";
import type { EjectionEnv, Ejector } from "./ejection.ts";
import { evidenceOf } from "./evidence.ts";
import { successRate } from "./success-rate.ts";

/** How endpoints that fail sit out. */
export interface EjectionOptions {
  /** Who accuses. Default `[consecutiveFailures(), successRate()]`. */
  readonly detectors?: readonly Detector[] | undefined;
  /** How long the first ejection lasts, in ms. Default 1 000. */
  readonly baseMs?: number | undefined;
  /** The longest ejection before jitter, in ms. Default 60 000. */
  readonly maxMs?: number | undefined;
  /** Growth from one ejection to the next, 1 to 1 000. Default 2. */
  readonly multiplier?: number | undefined;
  /**
   * Growth starts anew once the endpoint stayed in for as long as it was out, and for so long, in ms. Default 30 000: one that fails every
   * second call soon passes its probe, and takes a while to be accused again.
   */
  readonly steadyMs?: number | undefined;
  /** Each ejection is spread over ±`jitter` of itself, 0 to 1, so that many clients do not probe in step. Default 0.5. */
  readonly jitter?: number | undefined;
  /** Share of all members that may be out at once, 0 to 1; at least one of two or more, and never a single one. Default 0.5. */
  readonly maxEjectedShare?: number | undefined;
}

export const checkEjection = optionsOf<EjectionOptions>({
  detectors: list("a list of detectors", callable("a detector, such as consecutiveFailures()")),
  baseMs: durationMs,
  maxMs: durationMs,
  multiplier: number({ from: 1, to: 1_000 }),
  steadyMs: durationMs,
  jitter: share,
  maxEjectedShare: share,
});

const DEFAULTS = {
  detectors: [consecutiveFailures(), successRate()],
  baseMs: 1_000,
  maxMs: 60_000,
  multiplier: 2,
  steadyMs: 30_000,
  jitter: 0.5,
  maxEjectedShare: 0.5,
} satisfies EjectionOptions;

/**
 * Takes members out for a while when a detector accuses them, and lets one call decide whether they come back. Those that are
 * probing count as out.
 */
export class ProbingEjector implements Ejector {
  readonly reviewAtMs = Infinity;
  readonly #accusers: readonly Accuser[];
  readonly #options: Omit<typeof DEFAULTS, "detectors">;
  readonly #random: RandomSource;
  readonly #clientErrors = new ClientErrors();
  #out = 0;

  constructor(options: EjectionOptions, { random, out = [] }: EjectionEnv) {
    const { detectors, ...settings } = { ...DEFAULTS, ...givenOf(options) };
    this.#accusers = detectors.map((detector) => detector());
    this.#options = settings;
    this.#random = random;
    this.#out = out.length;
    for (const member of out) member.probed = true;
  }

  onOutcome(member: MutableMember, outcome: Outcome, startedAtMs: number, known: number, nowMs: number): BalancerEvent | undefined {
    if (outcome.kind === "abandoned" || startedAtMs < member.readmittedAtMs) return undefined;
    countFailuresInARow(member, outcome.kind);
    if (member.ejection !== "none") return member.isProbe(startedAtMs) ? this.#judgeProbe(member, outcome, nowMs) : undefined;
    this.#clientErrors.count(outcome.kind);
    const reason = this.#accuse(member, outcome, nowMs);
    if (reason === undefined || this.#out >= this.#maxOut(known)) return undefined;
    this.#out += 1;
    return this.#eject(member, outcome, reason, nowMs);
  }

  /** Keeps the bound after the set shrank: those whose time is over first come back first. */
  review(members: Iterable<MutableMember>, known: number, nowMs: number): readonly BalancerEvent[] {
    const excess = this.#out - this.#maxOut(known);
    if (excess <= 0) return [];
    const out = [...members].filter((member) => member.ejection !== "none").sort((a, b) => a.ejectedUntilMs - b.ejectedUntilMs);
    return out.slice(0, excess).map((member) => this.#readmit(member, nowMs));
  }

  forget(member: MutableMember): void {
    if (member.ejection !== "none") this.#out -= 1;
    this.#clientErrors.forget(member);
    this.#forgetWhatWasSeen(member);
  }

  /** Every accuser sees every outcome, also after another one has accused. */
  #accuse(member: MutableMember, outcome: Outcome, nowMs: number): string | undefined {
    let reason: string | undefined;
    for (const accuser of this.#accusers) {
      const accusation = accuser.onOutcome(member, outcome, nowMs);
      reason ??= accusation;
    }
    return reason;
  }

  #judgeProbe(member: MutableMember, outcome: Outcome, nowMs: number): BalancerEvent | undefined {
    const evidence = evidenceOf(outcome);
    const isBlamed = outcome.kind === "clientError" && this.#clientErrors.accuses(member);
    if (isBlamed || evidence === "bad")
      return this.#eject(member, outcome, isBlamed ? "its probe ended in a client error" : "its probe failed", nowMs);
    return evidence === "good" ? this.#readmit(member, nowMs) : undefined;
  }

  #eject(member: MutableMember, { kind }: Outcome, reason: string, nowMs: number): BalancerEvent {
    const isRelapse =
      member.ejection === "probing" || nowMs - member.readmittedAtMs < Math.max(member.ejectedForMs, this.#options.steadyMs);
    member.ejections = isRelapse ? member.ejections + 1 : 1;
    const forMs = backoffMs(member.ejections, this.#options, this.#random);
    member.eject(reason, forMs, nowMs);
    this.#clientErrors.onEjected(member, kind);
    this.#forgetWhatWasSeen(member);
    return { type: "endpointEjected", endpoint: member.endpoint, reason, forMs };
  }

  #readmit(member: MutableMember, nowMs: number): BalancerEvent {
    this.#out -= 1;
    member.readmit(nowMs);
    this.#clientErrors.forget(member);
    return { type: "endpointReadmitted", endpoint: member.endpoint };
  }

  #forgetWhatWasSeen(member: MutableMember): void {
    for (const accuser of this.#accusers) accuser.forget?.(member);
  }

  #maxOut(known: number): number {
    return known < 2 ? 0 : Math.max(1, Math.floor(this.#options.maxEjectedShare * known));
  }
}
