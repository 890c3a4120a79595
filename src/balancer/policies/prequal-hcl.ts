// Optimises: tail latency, by Prequal's hot-cold rule. A server is hot if it works on more calls than most do; a hot one is passed by,
//   and of the others the one that answers soonest takes the call. Prequal learns both by probes; here they come with the answers: two
//   endpoints are drawn at random, and up to four that answered last, about whom the client knows most, are compared with them.
// Wrong when: servers do not report calls in flight, which leaves this client's own; when calls differ in kind, because latency
//   then tells of the calls; when endpoints have weights, which it ignores; with few calls per second, when no report is fresh; and
//   where servers are not trusted: one that always claims to be idle is never hot.
// Cold: a newcomer that is drawn gets one call, and as a rule no other before its first answer.
// Recovers: a report counts for a second; what is known of latency fades into the mean over `latencyFadeMs`, so that an endpoint once
//   slow is tried again. A failure, however fast, counts as at least three times the mean latency.
// Source: Wydrowski, Kleinberg, Rumble, Archer, "Load is not what you should balance: Introducing Prequal", NSDI 2024.
import { assertOptions, share, someMs } from "../../check-options.ts";
import type { LoadReport } from "../../load-report.ts";
import { AgedEstimates } from "../estimates/aged-estimates.ts";
import { RecentResponders } from "../estimates/recent-responders.ts";
import { SlotTables } from "../estimates/slot-table.ts";
import { WindowQuantile } from "../estimates/window-quantile.ts";
import type { Member } from "../member.ts";
import type { Outcome } from "../outcome.ts";
import type { PickContext } from "../pick-context.ts";
import type { Picker, Policy, PolicyEnv } from "../policy.ts";
import { twoDigits } from "../two-digits.ts";

/** Options of `prequalHcl`. */
export interface PrequalHclOptions {
  /**
   * The part of the servers, by reported calls in flight, that are not hot: 0 to 1. Default 0.84, the paper's 2^-0.25. With 0 all are hot
   * and the least busy one wins; with 1 none is and the fastest wins. The paper recommends 0.6 to 0.9.
   */
  readonly hotQuantile?: number | undefined;
  /** Time in which what is known of a latency loses 63 % of its weight to the mean of all, in ms, > 0. Default 5 000. */
  readonly latencyFadeMs?: number | undefined;
}

/**
 * Of two distinct endpoints drawn at random and up to four that answered within the last second: the coldest, that is the fastest whose
 * server is not among the busiest, or the least busy one if all are. No probes are sent.
 */
export function prequalHcl(options: PrequalHclOptions = {}): Policy {
  const { hotQuantile = 2 ** -0.25, latencyFadeMs = 5_000 } = assertOptions("prequalHcl", options, {
    hotQuantile: share,
    latencyFadeMs: someMs,
  });
  return (env) => new PrequalHclPicker(env, hotQuantile, latencyFadeMs);
}

/** The paper's pool holds 16 probes of at most a second's age; more gain little. */
const POOL = 16;
const FRESH_MS = 1_000;
const RECENT_CANDIDATES = 4;
const WINDOW = 128;
const MAX_IN_FLIGHT = 1_023;
const FAILURE_LATENCIES = 3;
/** Weight of a new latency in the estimate of its endpoint. */
const GAIN = 0.3;

class PrequalHclPicker implements Picker {
  readonly #env: PolicyEnv;
  readonly #nothingIsHot: boolean;
  readonly #tables = new SlotTables();
  readonly #recent = new RecentResponders(POOL);
  readonly #hotAbove: WindowQuantile;
  readonly #latencyMs: AgedEstimates;
  /** Calls that this client sent since the server's last report. */
  readonly #sent = this.#tables.add();

  constructor(env: PolicyEnv, hotQuantile: number, latencyFadeMs: number) {
    this.#env = env;
    this.#nothingIsHot = hotQuantile === 1;
    this.#hotAbove = new WindowQuantile(hotQuantile, WINDOW, MAX_IN_FLIGHT);
    this.#latencyMs = new AgedEstimates(this.#tables, latencyFadeMs, latencyFadeMs);
  }

  membership(members: readonly Member[]): void {
    this.#tables.membership(members);
    this.#recent.membership(members);
  }

  pick(context: PickContext, nowMs: number): Member | undefined {
    const { candidates } = this.#env;
    const one = candidates.sample(context);
    if (one === undefined) return undefined;
    const other = candidates.sampleOther(context, one);
    if (other === undefined) return one;
    let best = this.#isColder(other, one, nowMs) ? other : one;
    let compared = 0;
    for (let index = 0; index < this.#recent.size && compared < RECENT_CANDIDATES; index += 1) {
      if (nowMs - this.#recent.atMs(index) > FRESH_MS) break;
      const member = this.#recent.at(index) as Member;
      if (!candidates.admits(context, member)) continue;
      compared += 1;
      if (this.#isColder(member, best, nowMs)) best = member;
    }
    return best;
  }

  onStart({ slot }: Member): void {
    this.#sent.add(slot, 1);
  }

  onReport({ slot }: Member, { inFlight }: LoadReport): void {
    if (inFlight === undefined) return;
    this.#sent.set(slot, 0);
    this.#hotAbove.add(inFlight);
  }

  onSettle(member: Member, { kind, latencyMs }: Outcome, nowMs: number): void {
    if (kind === "abandoned" || !(latencyMs >= 0 && latencyMs < Infinity)) return;
    if (kind === "success") {
      if (member.report?.inFlight === undefined) this.#hotAbove.add(member.inFlight);
      this.#latencyMs.note(member.slot, latencyMs, GAIN, nowMs);
      this.#recent.push(member, nowMs);
    } else if (kind === "clientError" && this.#latencyMs.knows(member.slot)) {
      // Quick, because nothing was done.
      this.#latencyMs.raise(member.slot, latencyMs, nowMs);
    } else {
      this.#latencyMs.raise(member.slot, Math.max(latencyMs, FAILURE_LATENCIES * this.#latencyMs.mean), nowMs);
    }
  }

  describe(member: Member, nowMs: number): string {
    const inFlight = this.#inFlight(member, nowMs);
    const isHot = this.#isHot(inFlight);
    const load = `${twoDigits(inFlight)} in flight, where ${twoDigits(this.#hotAbove.value)} are not too many`;
    if (isHot) return `hot, hence passed by: ${load}`;
    const latency = this.#latencyMs.knows(member.slot) ? `answers take ${twoDigits(this.#latencyOf(member, nowMs))} ms` : "no answer yet";
    return this.#nothingIsHot ? latency : `cold: ${load}; ${latency}`;
  }

  /** Cold before hot; of cold ones the faster, of hot ones the less busy. */
  #isColder(one: Member, other: Member, nowMs: number): boolean {
    const inFlight = this.#inFlight(one, nowMs);
    const otherInFlight = this.#inFlight(other, nowMs);
    const isHot = this.#isHot(inFlight);
    if (isHot !== this.#isHot(otherInFlight)) return !isHot;
    return isHot ? inFlight < otherInFlight : this.#latencyOf(one, nowMs) < this.#latencyOf(other, nowMs);
  }

  #isHot(inFlight: number): boolean {
    return !this.#nothingIsHot && inFlight > this.#hotAbove.value;
  }

  /** What the server said a moment ago, and what this client sent since; never less than this client knows of itself. */
  #inFlight({ slot, inFlight, report, reportAtMs = -Infinity }: Member, nowMs: number): number {
    if (report?.inFlight === undefined || nowMs - reportAtMs > FRESH_MS) return inFlight;
    return Math.max(inFlight, report.inFlight + this.#sent.get(slot));
  }

  /** Without any answer: at once if nothing is in flight there, else last of all. */
  #latencyOf({ slot, inFlight }: Member, nowMs: number): number {
    if (this.#latencyMs.knows(slot)) return this.#latencyMs.at(slot, nowMs);
    return inFlight === 0 ? 0 : Infinity;
  }
}
