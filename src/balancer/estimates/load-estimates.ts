import type { LoadReport } from "../../load-report.ts";
import type { Member } from "../member.ts";
import { AgedEstimates } from "./aged-estimates.ts";
import { FairShare } from "./fair-share.ts";
import { SlotTable } from "./slot-table.ts";

/** A report is old after so many of the usual latencies, because by then the calls that it counted are over. */
const GOOD_NEWS_LATENCIES = 2;
const BAD_NEWS_LATENCIES = 30;
const MAX_GOOD_NEWS_MS = 500;
const MAX_BAD_NEWS_MS = 1_000;
/** How long a server is not believed that was found to lie. */
const DISTRUST_MS = 60_000;

/**
 * How many calls each server is working on: by its last report, what was sent since, and our own calls there. A report can't raise a server's share for
 * long: it is believed to be idle while it gets half as much again as is fair, and not beyond; nor for a minute after it was found to lie.
 */
export class LoadEstimates {
  readonly #reported = new AgedEstimates(MAX_GOOD_NEWS_MS, MAX_BAD_NEWS_MS);
  /** The cost of calls sent since the last report. */
  readonly #sent = new SlotTable();
  readonly #shares = new FairShare();
  readonly #distrustedUntilMs = new SlotTable(-Infinity);
  #members = 0;
  /** Our own calls in flight, over all members. */
  #own = 0;

  /** Whether any server told its load. */
  get areReported(): boolean {
    return this.#reported.isKnown;
  }

  /** Whether this one did, and is believed. */
  isReported(slot: number): boolean {
    return this.#reported.knows(slot);
  }

  membership(members: readonly Member[]): void {
    this.#reported.membership(members);
    this.#sent.membership(members);
    this.#shares.membership(members);
    this.#distrustedUntilMs.membership(members);
    this.#members = members.length;
    this.#own = members.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  onStart(slot: number, cost: number, nowMs: number): void {
    this.#sent.add(slot, cost);
    this.#own += cost;
    this.#shares.count(slot, nowMs);
  }

  onEnd(cost: number): void {
    this.#own -= cost;
  }

  onReport(member: Member, { inFlight }: LoadReport, usualLatencyMs: number, nowMs: number): void {
    const { slot } = member;
    if (inFlight === undefined) return;
    if (inFlight === 0 && nowMs - member.oldestUnansweredAtMs > usualLatencyMs) this.#distrust(slot, nowMs);
    if (!this.isTrusted(slot, nowMs)) return;
    this.#reported.setPace(
      Math.min(MAX_GOOD_NEWS_MS, GOOD_NEWS_LATENCIES * usualLatencyMs),
      Math.min(MAX_BAD_NEWS_MS, BAD_NEWS_LATENCIES * usualLatencyMs),
    );
    this.#reported.note(slot, inFlight, 1, nowMs);
    this.#sent.set(slot, 0);
  }

  /** Whether what the server says counts. */
  isTrusted(slot: number, nowMs: number): boolean {
    return nowMs >= this.#distrustedUntilMs.get(slot);
  }

  /** It asked for less, or did not answer in time: twice the usual load, for a while. */
  onOverload(slot: number, nowMs: number): void {
    this.#reported.raise(slot, 2 * this.#reported.mean + 2, nowMs);
  }

  /** @param slowness how slow the server was to us; 1 is usual */
  of(member: Member, slowness: number, nowMs: number): number {
    const { slot, inFlight } = member;
    if (!this.#reported.knows(slot)) return this.#guess(inFlight, slowness);
    const told = this.#reported.at(slot, nowMs) + this.#sent.get(slot);
    const claimsLittle = told < this.#reported.mean && this.#shares.isExceededBy(member, nowMs);
    return Math.max(inFlight, claimsLittle ? this.#guess(inFlight, slowness) : told);
  }

  /**
   * For a server that says nothing, or nothing that is believed: more than usual by as much as it has more of our own calls, and takes longer
   * for them (Little's law).
   */
  #guess(inFlight: number, slowness: number): number {
    const own = slowness * (inFlight + 1);
    // Where nobody reports, our own calls are the measure, for another zone as well.
    return (this.#reported.isKnown ? (own * (this.#reported.mean + 1)) / (this.#own / this.#members + 1) : own) - 1;
  }

  /** It claimed to be idle while a call of ours was waiting there. */
  #distrust(slot: number, nowMs: number): void {
    this.#distrustedUntilMs.set(slot, nowMs + DISTRUST_MS);
    this.#reported.forget(slot);
  }
}
