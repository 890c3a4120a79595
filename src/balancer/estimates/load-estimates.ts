import type { LoadReport } from "../../load-report.ts";
import type { Member } from "../member.ts";
import { AgedEstimates } from "./aged-estimates.ts";
import type { Appraisal } from "./appraisal.ts";
import { FairShare } from "./fair-share.ts";
import type { LatencyEstimates } from "./latency-estimates.ts";
import type { OwnCalls } from "./own-calls.ts";
import { SlotTable } from "./slot-table.ts";

/** A report is old after so many of the usual latencies, because by then the calls that it counted are over. */
const GOOD_NEWS_LATENCIES = 2;
const BAD_NEWS_LATENCIES = 30;
const MAX_GOOD_NEWS_MS = 500;
const MAX_BAD_NEWS_MS = 1_000;
/** How old a report is taken to be when it comes: servers send the same one for 5 ms, and it is on its way for some more. */
const REPORT_AGE_MS = 5;
/** How many reports of a server are not believed after one was found to be a lie: about as many as it tells before it is found out again. */
const DISTRUSTED_REPORTS = 200;

/**
 * How many calls each server is working on: by its last report, what was sent since, by us and by others, and our own calls there. A report can't raise
 * a server's share for long: it is believed to be idle while it gets a tenth more than is fair, and not beyond; nor for a while after it was found to
 * lie.
 */
export class LoadEstimates {
  /** Per weight, so that the mean is one for all of them. */
  readonly #reported = new AgedEstimates(MAX_GOOD_NEWS_MS, MAX_BAD_NEWS_MS);
  /** What overload adds to the load of those that report none. */
  readonly #overload = new AgedEstimates(MAX_BAD_NEWS_MS, MAX_BAD_NEWS_MS);
  /** When the last report was made. */
  readonly #reportedAtMs = new SlotTable(-Infinity);
  /** The cost of our calls sent since, and not over. */
  readonly #sent = new SlotTable();
  readonly #shares = new FairShare();
  readonly #suspectedAtMs = new SlotTable(Infinity);
  readonly #distrusted = new SlotTable();
  readonly #own: Pick<OwnCalls, "mean" | "meanWeight">;
  readonly #latency: Pick<LatencyEstimates, "usualMs" | "seen">;

  /** @param latency how slow servers were to us: by it, a load that is reported is doubted, and one that is not is guessed */
  constructor(own: Pick<OwnCalls, "mean" | "meanWeight">, latency: Pick<LatencyEstimates, "usualMs" | "seen">) {
    this.#own = own;
    this.#latency = latency;
  }

  /** Whether any server told its load. */
  get areReported(): boolean {
    return this.#reported.isKnown;
  }

  /** Whether this one did, and is believed. */
  isReported(slot: number): boolean {
    return this.#reported.knows(slot);
  }

  membership(members: readonly Member[]): void {
    const tables = [this.#reported, this.#overload, this.#reportedAtMs, this.#sent, this.#shares, this.#suspectedAtMs, this.#distrusted];
    for (const table of tables) table.membership(members);
  }

  /** A call went there that was due to the two. */
  onStart({ slot }: Member, one: Member, other: Member, cost: number, nowMs: number): void {
    this.#sent.add(slot, cost);
    this.#shares.count(slot, one, other, this.#own.meanWeight, nowMs);
  }

  /** Without this, who stops reporting would seem ever more loaded. */
  onEnd(slot: number, cost: number, startedAtMs: number): void {
    if (startedAtMs < this.#reportedAtMs.get(slot)) return;
    this.#sent.set(slot, Math.max(0, this.#sent.get(slot) - cost));
  }

  onReport(member: Member, { inFlight }: LoadReport, nowMs: number): void {
    const { slot, endpoint } = member;
    if (inFlight === undefined) return;
    this.#judge(member, nowMs);
    // It claims to be idle, where servers are busy as a rule, while a call of ours waits there: a lie, unless the answer is on its way. Where all are idle,
    // nobody gains by the claim.
    const isBold = inFlight < 1 && endpoint.weight * this.#reported.mean > 1;
    if (isBold && this.#waitsTooLong(member, nowMs)) {
      this.#suspectedAtMs.set(slot, Math.min(nowMs, this.#suspectedAtMs.get(slot)));
      return;
    }
    if (!this.isTrusted(slot)) return this.#distrusted.add(slot, -1);
    // Before the first answer, 0 would have reports grow old as they come.
    const usualMs = this.#latency.usualMs || Infinity;
    this.#reported.setPace(
      Math.min(MAX_GOOD_NEWS_MS, GOOD_NEWS_LATENCIES * usualMs),
      Math.min(MAX_BAD_NEWS_MS, BAD_NEWS_LATENCIES * usualMs),
    );
    const madeAtMs = nowMs - REPORT_AGE_MS;
    this.#reported.noteClaim(slot, inFlight / endpoint.weight, this.isDoubted(member, nowMs) ? this.#reported.mean : 0, madeAtMs);
    this.#reportedAtMs.set(slot, madeAtMs);
    this.#sent.set(slot, member.unansweredSince(madeAtMs));
  }

  /** Whether what the server says counts. */
  isTrusted(slot: number): boolean {
    return this.#distrusted.get(slot) === 0;
  }

  /** Whether it gets more than is fair, so that what it says in its own favour does not count. */
  isDoubted(member: Member, nowMs: number): boolean {
    return this.#shares.isExceededBy(member, nowMs);
  }

  /** It turned a stream away, or did not answer in time: twice the usual load, for a while. */
  onOverload({ slot, endpoint }: Member, nowMs: number): void {
    const estimates = this.isReported(slot) ? this.#reported : this.#overload;
    estimates.raise(slot, 2 * this.#reported.mean + 2 / endpoint.weight, nowMs);
  }

  /** Finds out how little servers have to do. */
  appraiseIdleness(appraisal: Appraisal): void {
    const { mean, meanWeight } = this.#own;
    const usual = meanWeight * (this.#reported.isKnown ? this.#reported.mean : mean);
    appraisal.idleness = 1 / (1 + 2 * usual);
  }

  /** Finds out the member's load, and what a call adds to it. */
  appraise(member: Member, nowMs: number, appraisal: Appraisal): void {
    const { slot, inFlight, endpoint } = member;
    const { weight } = endpoint;
    this.#judge(member, nowMs);
    this.#appraiseCall(member, appraisal);
    if (!this.isReported(slot)) {
      appraisal.load = inFlight;
      this.#guess(member, nowMs, appraisal);
      appraisal.load += weight * this.#overload.at(slot, nowMs);
      return;
    }
    this.#countSent(slot, nowMs, appraisal);
    this.#reported.age(slot, nowMs);
    const told = Math.max(inFlight, weight * this.#reported.aged + appraisal.load);
    if (this.#reported.noted(slot) < this.#reported.mean && this.isDoubted(member, nowMs)) {
      appraisal.load = Math.max(inFlight, weight * this.#own.mean);
      this.#guess(member, nowMs, appraisal);
      appraisal.load = Math.max(told, appraisal.load);
      return;
    }
    appraisal.load = told;
  }

  /**
   * A busy server has one call more. Idle ones are all alike: there, a call counts by whose turn it is, in proportion to the share that each had by its
   * weight. A call also counts by weight where servers are busy, in part: as calls are whole, heavy servers would be favoured while there are some.
   */
  #appraiseCall({ slot, endpoint: { weight } }: Member, appraisal: Appraisal): void {
    const relativeWeight = weight / this.#own.meanWeight;
    const one = (7 + relativeWeight) / 8;
    appraisal.call = one + appraisal.idleness * (this.#turn(slot, appraisal) * relativeWeight - one);
  }

  /** The less of its share a server had, the sooner it is its turn; less so if it is slow; and who fails has nothing to catch up with. */
  #turn(slot: number, { success, slowness }: Appraisal): number {
    const share = this.#shares.shares.get(slot);
    if (success < 1) return Math.max(1, share);
    const squared = share * share;
    return slowness > 1 ? squared : squared * share;
  }

  /**
   * What was sent since the last report. Other clients to which it answered since know as much of it as we do, and do as we do: by Little's law, as many
   * as a server has calls of others, in each usual latency. What they sent longer ago is over.
   */
  #countSent(slot: number, nowMs: number, appraisal: Appraisal): void {
    const sent = this.#sent.get(slot);
    const { usualMs } = this.#latency;
    const { mean, meanWeight } = this.#own;
    const ofOthers = this.#reported.mean - mean;
    appraisal.load = sent;
    if (sent === 0 || usualMs === 0 || ofOthers <= 0) return;
    const latencies = Math.min(1, (nowMs - this.#reportedAtMs.get(slot)) / usualMs);
    appraisal.load = sent * (1 + ofOthers * Math.min(1 / mean, meanWeight * latencies));
  }

  /**
   * Puts the load in place of our own calls there, for a server that says nothing, or nothing that is believed: more than usual by as much as it has
   * more of them, and takes longer for them (Little's law).
   */
  #guess({ slot, inFlight, endpoint: { weight } }: Member, nowMs: number, appraisal: Appraisal): void {
    const { call } = appraisal;
    const own = this.#latency.seen(slot, nowMs) * (appraisal.load + call);
    // Where nobody reports, our own calls are the measure, for another zone as well.
    const load = this.#reported.isKnown ? (own * (weight * this.#reported.mean + call)) / (weight * this.#own.mean + call) : own;
    appraisal.load = this.#reported.isKnown ? Math.max(inFlight, load - call) : load - call;
  }

  /** For longer than a call takes to get there, and the report to get here. */
  #waitsTooLong({ slot, oldestUnansweredAtMs }: Member, nowMs: number): boolean {
    const { usualMs } = this.#latency;
    return usualMs > 0 && nowMs - oldestUnansweredAtMs > Math.max(1, this.#latency.seen(slot, nowMs)) * usualMs + REPORT_AGE_MS;
  }

  /** Whether the answer came, now that it had the time to. */
  #judge(member: Member, nowMs: number): void {
    const { slot } = member;
    const suspectedAtMs = this.#suspectedAtMs.get(slot);
    if (!(nowMs - suspectedAtMs > REPORT_AGE_MS)) return;
    this.#suspectedAtMs.set(slot, Infinity);
    if (!this.#waitsTooLong(member, suspectedAtMs)) return;
    this.#distrusted.set(slot, DISTRUSTED_REPORTS);
    this.#reported.forget(slot);
  }
}
