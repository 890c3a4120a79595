import { above, givenOf, number, optionsOf, share } from "../../check-options.ts";
import type { LoadReport } from "../../load-report.ts";
import type { Member } from "../member.ts";
import type { MutableMember } from "../members/mutable-member.ts";

/** How newcomers come to their full share. */
export interface SlowStartOptions {
  /** How long an endpoint takes to its full share, in ms, > 0; less where the others have no room for its calls. Default 30 000. A server that reports its warm-up overrides it. */
  readonly windowMs?: number | undefined;
  /** Shape of the ramp, > 0: the share grows as (time / window) ^ (1 / aggression). Default 1: evenly. Equivalent to Envoy's `aggression`. */
  readonly aggression?: number | undefined;
  /** The share that it begins with, 0 to 1; more where many begin at once. Default 0.1. Equivalent to Envoy's `min_weight_percent`. */
  readonly minShare?: number | undefined;
}

export const checkSlowStart = optionsOf<SlowStartOptions>({
  windowMs: number({ above: 0, unit: "milliseconds", hint: () => "; slowStart: false turns it off" }),
  aggression: above(0),
  minShare: share,
});

export const SLOW_START = { windowMs: 30_000, aggression: 1, minShare: 0.1 };

/** A server that declared its warm-up is believed this long; its next report renews it. */
const WARM_UP_BELIEVED_MS = 30_000;

/** The share that is due to endpoints that are new, that came back, or that were readmitted: it grows with time, or as their servers say. */
export class SlowStart {
  #windowMs = 0;
  #exponent = 1;
  #minShare = 0;
  /** When the latest one began, and until when a declared warm-up is believed. */
  #beganAtMs = -Infinity;
  #declaredUntilMs = -Infinity;
  #overAtMs = -Infinity;

  constructor(options: SlowStartOptions | false) {
    this.configure(options);
  }

  /** Whoever is in slow start goes on by the new rule, from when it began. */
  configure(options: SlowStartOptions | false): void {
    const { windowMs, aggression, minShare } = { ...SLOW_START, ...givenOf(options || { windowMs: 0 }) };
    this.#windowMs = windowMs;
    this.#exponent = 1 / aggression;
    this.#minShare = minShare;
    this.#overAtMs = Math.max(this.#declaredUntilMs, this.#beganAtMs + windowMs);
  }

  /** Whether anybody may be due less than all now. One comparison spares the hot path the rest. */
  isOn(nowMs: number): boolean {
    return nowMs < this.#overAtMs;
  }

  /** Whether all is due to the member. */
  isWarm(member: Member, nowMs: number): boolean {
    return !this.isOn(nowMs) || this.shareOf(member, nowMs) >= 1;
  }

  begin(member: MutableMember, nowMs: number): void {
    member.slowStartAtMs = nowMs;
    this.#beganAtMs = nowMs;
    this.#overAtMs = Math.max(this.#overAtMs, nowMs + this.#windowMs);
  }

  /** To be called for each report. Where one declared a warm-up and the next doesn't, the slow start is over. */
  onReport(member: MutableMember, previous: LoadReport | undefined, nowMs: number): void {
    if (this.#windowMs === 0) return;
    if (!isWarming(member.report)) {
      if (isWarming(previous)) member.slowStartAtMs = -Infinity;
      return;
    }
    this.#declaredUntilMs = nowMs + WARM_UP_BELIEVED_MS;
    this.#overAtMs = Math.max(this.#overAtMs, this.#declaredUntilMs);
  }

  /** The share that is due to the member, 0 to 1: by what its server declared of late, else by time. */
  shareOf(member: Member, nowMs: number): number {
    if (this.#windowMs === 0) return 1;
    const { report, reportAtMs = -Infinity } = member;
    if (isWarming(report) && nowMs < reportAtMs + WARM_UP_BELIEVED_MS) return Math.max(this.#minShare, report.warmUp);
    const elapsedMs = nowMs - member.slowStartAtMs;
    return elapsedMs < this.#windowMs ? Math.max(this.#minShare, (elapsedMs / this.#windowMs) ** this.#exponent) : 1;
  }
}

function isWarming(report: LoadReport | undefined): report is LoadReport & { readonly warmUp: number } {
  return report?.warmUp !== undefined && report.warmUp < 1;
}
