// Optimises: expected waiting time, latency times calls in flight. Finds slow endpoints (hardware, pauses, distance) that a count
//   of calls in flight shows late or not at all.
// Wrong when: calls differ in kind, because one slow method makes its endpoint look slow; and with few calls per client, when the
//   averages are older than what they describe.
// Cold: a newcomer gets one call, and no other before its first answer.
// Recovers: a slow answer counts at once and in full (the peak); quicker ones, or none, bring the average down over `decayMs`, so
//   that an endpoint once slow is tried again. A failure, however fast, counts as at least `penaltyMs`, a client error as no quicker than
//   the endpoint was before.
// Source: Finagle's PeakEwma, https://twitter.github.io/finagle/guide/Clients.html#power-of-two-choices-p2c-least-loaded
import { assertOptions, durationMs, someMs } from "../../check-options.ts";
import { SlotTables } from "../estimates/slot-table.ts";
import { callCost } from "../load.ts";
import type { Member } from "../member.ts";
import type { Outcome, OutcomeKind } from "../outcome.ts";
import type { PickContext } from "../pick-context.ts";
import type { Picker, Policy, PolicyEnv } from "../policy.ts";
import { twoDigits } from "../two-digits.ts";

/** Options of `peakEwma`. */
export interface PeakEwmaOptions {
  /** Time in which an old observation loses 63 % of its weight, in ms, > 0. Default 10 000. */
  readonly decayMs?: number | undefined;
  /** The least latency that anything but a success counts as, in ms. Default 1 000. A high one drowns what latencies say. */
  readonly penaltyMs?: number | undefined;
}

/** Above any real cost, yet small enough that adding calls in flight still shows. */
const UNPROVEN_COST = 2 ** 47;

/** The one of two distinct endpoints drawn at random that promises the shorter wait, by a peak-sensitive average of latency. */
export function peakEwma(options: PeakEwmaOptions = {}): Policy {
  const { decayMs = 10_000, penaltyMs = 1_000 } = assertOptions("peakEwma", options, { decayMs: someMs, penaltyMs: durationMs });
  return (env) => new PeakEwmaPicker(env, decayMs, penaltyMs);
}

class PeakEwmaPicker implements Picker {
  readonly #env: PolicyEnv;
  readonly #decayMs: number;
  readonly #penaltyMs: number;
  readonly #tables = new SlotTables();
  readonly #averageMs = this.#tables.add();
  /** When the average was last updated; NaN before the first observation. */
  readonly #updatedAtMs = this.#tables.add(NaN);

  constructor(env: PolicyEnv, decayMs: number, penaltyMs: number) {
    this.#env = env;
    this.#decayMs = decayMs;
    this.#penaltyMs = penaltyMs;
  }

  membership(members: readonly Member[]): void {
    this.#tables.membership(members);
  }

  pick(context: PickContext, nowMs: number): Member | undefined {
    const { candidates } = this.#env;
    const one = candidates.sample(context);
    if (one === undefined) return undefined;
    const other = candidates.sampleOther(context, one);
    if (other === undefined) return one;
    const cost = callCost(context);
    return this.#waitMs(other, cost, nowMs) < this.#waitMs(one, cost, nowMs) ? other : one;
  }

  onSettle(member: Member, outcome: Outcome, nowMs: number): void {
    if (outcome.kind === "abandoned" || !(outcome.latencyMs >= 0)) return;
    const { slot } = member;
    const latencyMs = Math.max(outcome.latencyMs, this.#leastMs(slot, outcome.kind));
    const fadedMs = this.#fadedAverageMs(slot, nowMs);
    const isPeak = !(latencyMs <= fadedMs);
    this.#averageMs.set(slot, isPeak ? latencyMs : fadedMs + latencyMs * (1 - this.#weightKept(slot, nowMs)));
    this.#updatedAtMs.set(slot, nowMs);
  }

  describe(member: Member, nowMs: number): string {
    const averageMs = this.#fadedAverageMs(member.slot, nowMs);
    if (Number.isNaN(averageMs)) return "no answer yet: gets one call at a time";
    const waitMs = this.#waitMs(member, 1, nowMs);
    return `answers take ${twoDigits(averageMs)} ms by their peaks; with ${twoDigits(member.inFlight)} in flight, a call counts as ${twoDigits(waitMs)} ms`;
  }

  /** A client error is quick because nothing was done: as slow as the endpoint was before it, or as a failure if it did nothing yet. */
  #leastMs(slot: number, kind: OutcomeKind): number {
    if (kind === "success") return 0;
    const isKnown = !Number.isNaN(this.#updatedAtMs.get(slot));
    return kind === "clientError" && isKnown ? this.#averageMs.get(slot) : this.#penaltyMs;
  }

  #waitMs(member: Member, cost: number, nowMs: number): number {
    const averageMs = this.#fadedAverageMs(member.slot, nowMs);
    if (Number.isNaN(averageMs)) return member.inFlight === 0 ? 0 : UNPROVEN_COST + member.inFlight;
    return (averageMs * (member.inFlight + cost)) / member.endpoint.weight;
  }

  /** NaN before the first observation. */
  #fadedAverageMs(slot: number, nowMs: number): number {
    return this.#averageMs.get(slot) * this.#weightKept(slot, nowMs);
  }

  #weightKept(slot: number, nowMs: number): number {
    return Math.exp((this.#updatedAtMs.get(slot) - nowMs) / this.#decayMs);
  }
}
