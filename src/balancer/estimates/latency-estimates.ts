import type { Member } from "../member.ts";
import { AgedEstimates } from "./aged-estimates.ts";
import type { Appraisal } from "./appraisal.ts";
import type { OwnCalls } from "./own-calls.ts";
import { SlotTable } from "./slot-table.ts";

/** Weight of a call in what was seen of its server: few calls go to each, and they differ. */
const GAIN = 0.1;
/** The same for a server that says nothing of itself: our own calls are all there is. */
const GAIN_OF_SILENT = 0.3;
/** A call counts as at most so many usual ones, or such of its server: beyond, it tells of itself, until more of them do. */
const MAX_LATENCIES = 16;
/** What is seen outranks what is claimed, once it is worse by more than chance makes of a few calls. */
const DOUBT = 1.5;
/** Silence for so many times the expected time tells more than the answers that came before. */
const OVERDUE = 2;

/** How slow servers are: by the latency that they report, that of our own calls, and how long they have not answered those that wait. */
export class LatencyEstimates {
  readonly #claimedMs = new AgedEstimates(2_000, 10_000);
  readonly #seenMs = new AgedEstimates(10_000, 10_000);
  readonly #answeredAtMs = new SlotTable(-Infinity);
  readonly #own: Pick<OwnCalls, "mean" | "meanWeight">;

  constructor(own: Pick<OwnCalls, "mean" | "meanWeight">) {
    this.#own = own;
  }

  /** The mean of our own calls; 0 before the first answer. */
  get usualMs(): number {
    return this.#seenMs.mean;
  }

  membership(members: readonly Member[]): void {
    this.#claimedMs.membership(members);
    this.#seenMs.membership(members);
    this.#answeredAtMs.membership(members);
  }

  /** @param isDoubted what it claims makes others look slow only as far as we have seen it to be quick */
  onReport(slot: number, latencyMs: number, isDoubted: boolean, nowMs: number): void {
    const atLeastMs = isDoubted ? this.seen(slot, nowMs) * this.#claimedMs.mean : 0;
    this.#claimedMs.noteClaim(slot, latencyMs, atLeastMs, nowMs);
  }

  /** @param isSilent the server says nothing of itself, while others do */
  onSuccess(slot: number, latencyMs: number, isSilent: boolean, nowMs: number): void {
    const { usualMs } = this;
    const maxMs = usualMs === 0 ? Infinity : MAX_LATENCIES * Math.max(usualMs, this.#seenMs.at(slot, nowMs));
    this.#answeredAtMs.set(slot, nowMs);
    this.#seenMs.note(slot, Math.min(latencyMs, maxMs), isSilent ? GAIN_OF_SILENT : GAIN, nowMs);
  }

  /** It answered, whatever it did: it does not hang. */
  onAnswer(slot: number, nowMs: number): void {
    this.#answeredAtMs.set(slot, nowMs);
  }

  /** A failure can be quick: its latency counts only if it is high. */
  onFailure(slot: number, latencyMs: number, nowMs: number): void {
    this.#seenMs.raise(slot, latencyMs, nowMs);
  }

  /**
   * By our own calls alone; 1 is usual. Where nobody claims anything, it tells of load as well, and counts the less the more calls of our own are in
   * flight, which tell of load without chance.
   */
  seen(slot: number, nowMs: number): number {
    const { usualMs } = this;
    if (usualMs === 0) return 1;
    const seen = this.#seenMs.at(slot, nowMs) / usualMs;
    const { mean, meanWeight } = this.#own;
    return this.#claimedMs.isKnown ? seen : 1 + (seen - 1) / (1 + mean * meanWeight);
  }

  /**
   * Finds out how slow the member is. A server's own word comes from many more calls than we have seen, so it is squared; but it can only make the
   * server look slower than others, never quicker.
   */
  appraise({ slot, oldestUnansweredAtMs }: Member, nowMs: number, appraisal: Appraisal): void {
    const { usualMs } = this;
    appraisal.slowness = 1;
    if (usualMs === 0) return;
    const isClaimed = this.#claimedMs.isKnown;
    let expected = 1;
    if (!isClaimed) expected = this.seen(slot, nowMs);
    else {
      // What was never above these will not be by growing old: mostly, there is nothing to work out.
      if (this.#claimedMs.noted(slot) > this.#claimedMs.mean) expected = Math.max(expected, this.#claimed(slot, nowMs));
      if (this.#seenMs.noted(slot) > DOUBT * usualMs) expected = Math.max(expected, this.seen(slot, nowMs) / DOUBT);
    }
    // A call may be long, while its server goes on answering others.
    const silent = (nowMs - Math.max(oldestUnansweredAtMs, this.#answeredAtMs.get(slot))) / usualMs;
    const slowness = silent > OVERDUE * expected ? silent : expected;
    appraisal.slowness = isClaimed ? slowness * slowness : slowness;
  }

  /** By the servers' own word; 1 is usual. */
  #claimed(slot: number, nowMs: number): number {
    const { mean } = this.#claimedMs;
    return mean === 0 ? 1 : this.#claimedMs.at(slot, nowMs) / mean;
  }
}
