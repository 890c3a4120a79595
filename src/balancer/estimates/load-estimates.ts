import type { LoadReport } from "../../load-report.ts";
import type { Member } from "../member.ts";
import { AgedEstimates } from "./aged-estimates.ts";
import type { Appraisal } from "./appraisal.ts";
import { FairShare } from "./fair-share.ts";
import { FalseClaims, REPORT_AGE_MS } from "./false-claims.ts";
import type { LatencyEstimates } from "./latency-estimates.ts";
import type { OwnCalls } from "./own-calls.ts";
import type { SlotTable, SlotTables } from "./slot-table.ts";

/** A report is old after so many of the usual latencies, because by then the calls that it counted are over. */
const GOOD_NEWS_LATENCIES = 2;
const BAD_NEWS_LATENCIES = 30;
const MAX_GOOD_NEWS_MS = 500;
const MAX_BAD_NEWS_MS = 1_000;

/**
 * How many calls each server is working on: by its last report, what was sent since, by us and by others, and our own calls there. A report can't raise
 * a server's share for long: it is believed to be idle while it gets a tenth more than is fair, and not beyond; nor for a while after it was found to
 * lie.
 */
export class LoadEstimates {
  /** Per weight, so that the mean is one for all of them. */
  readonly #reported: AgedEstimates;
  /** When the last report was made. */
  readonly #reportedAtMs: SlotTable;
  /** The cost of our calls sent since, and not over. */
  readonly #sent: SlotTable;
  readonly #shares: FairShare;
  readonly #claims: FalseClaims;
  /** What overload adds to the load of those that report none. */
  readonly #overload: AgedEstimates;
  readonly #own: OwnCalls;
  readonly #latency: Pick<LatencyEstimates, "usualMs" | "seen">;

  /** @param latency how slow servers were to us: by it, a load that is reported is doubted, and one that is not is guessed */
  constructor(tables: SlotTables, own: OwnCalls, latency: Pick<LatencyEstimates, "usualMs" | "seen">) {
    this.#own = own;
    this.#latency = latency;
    this.#reported = new AgedEstimates(tables, MAX_GOOD_NEWS_MS, MAX_BAD_NEWS_MS);
    this.#reportedAtMs = tables.add(-Infinity);
    this.#sent = tables.add();
    this.#shares = new FairShare(tables, own);
    this.#claims = new FalseClaims(tables, latency);
    this.#overload = new AgedEstimates(tables, MAX_BAD_NEWS_MS, MAX_BAD_NEWS_MS);
  }

  /** Whether any server told its load. */
  get areReported(): boolean {
    return this.#reported.isKnown;
  }

  /** Whether this one did, and is believed. */
  isReported(slot: number): boolean {
    return this.#reported.knows(slot);
  }

  /** A call went there that was due to the two. */
  onStart({ slot }: Member, one: Member, other: Member, cost: number, nowMs: number): void {
    this.#sent.add(slot, cost);
    this.#shares.count(slot, one, other, nowMs);
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
    // Where all are idle, nobody gains by the claim.
    const isIdle = inFlight < 1 && endpoint.weight * this.#reported.mean > 1;
    if (this.#claims.dismisses(member, isIdle, nowMs)) return;
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
    return this.#claims.isTrusted(slot);
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

  #judge(member: Member, nowMs: number): void {
    if (this.#claims.turnsOut(member, nowMs)) this.#reported.forget(member.slot);
  }
}
