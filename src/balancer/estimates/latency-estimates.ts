import type { Member } from "../member.ts";
import { AgedEstimates } from "./aged-estimates.ts";
import type { Appraisal } from "./appraisal.ts";
import type { OwnCalls } from "./own-calls.ts";
import type { SlotTable, SlotTables } from "./slot-table.ts";

/** Weight of a call in what was seen of its server: few calls go to each, and they differ. */
const GAIN = 0.1;
/** The same for a server that says nothing of itself, or nothing that is believed, while others do: our own calls are all there is. */
const GAIN_OF_SILENT = 0.3;
/** Weight of a call in what is usual. */
const USUAL_GAIN = 0.02;
/** A call counts as at most so many usual ones, or such of its server: beyond, it tells of itself, until more of them do. */
const MAX_LATENCIES = 16;
/** Below, a clock tells nothing. */
const MIN_LATENCY_MS = 1e-3;
/** What is seen outranks what is claimed, once it is worse by more than chance and load make of a few calls; idle servers have no load to plead. */
const DOUBT = 1.5;
const DOUBT_OF_IDLE = 1.25;
/** A claim grows old with the calls that it was made of. */
const CLAIM_LATENCIES = 100;
const GOOD_CLAIM_MS = 2_000;
const BAD_CLAIM_MS = 10_000;
/** Our own calls tell how slow a server is for 10 s; where nobody reports they tell its load too, which changes with the calls there. */
const MEMORY_MS = 10_000;
const MEMORY_OF_LOAD_MS = 1_000;
const MEMORY_OF_LOAD_LATENCIES = 30;
/** Silence for so many times the expected time tells more than the answers that came before. */
const OVERDUE = 2;

/** How slow servers are: by the latency that they report, that of our own calls, and how long they have not answered those that wait. */
export class LatencyEstimates {
  readonly #claimedMs: AgedEstimates;
  /** Relative to what was usual when the call ended: nobody becomes slow by having no calls while the others grow warm. */
  readonly #seen: AgedEstimates;
  readonly #answeredAtMs: SlotTable;
  readonly #own: Pick<OwnCalls, "mean" | "meanWeight">;
  /** The mean of our own calls, over the latest 50 or so; 0 before the first answer. A field, not a getter: see {@link Appraisal}. */
  usualMs = 0;

  constructor(tables: SlotTables, own: Pick<OwnCalls, "mean" | "meanWeight">) {
    this.#own = own;
    this.#claimedMs = new AgedEstimates(tables, GOOD_CLAIM_MS, BAD_CLAIM_MS);
    this.#seen = new AgedEstimates(tables, MEMORY_MS, MEMORY_MS);
    this.#answeredAtMs = tables.add(-Infinity);
  }

  /** @param isDoubted what it claims makes others look slow only as far as we have seen it to be quick */
  onReport(slot: number, latencyMs: number, isDoubted: boolean, nowMs: number): void {
    const atLeastMs = isDoubted ? this.seen(slot, nowMs) * this.#claimedMs.mean : 0;
    this.#claimedMs.noteClaim(slot, latencyMs, atLeastMs, nowMs);
  }

  /** @param isSilent the server says nothing of itself, while others do */
  onSuccess(slot: number, latencyMs: number, isSilent: boolean, nowMs: number): void {
    this.#answeredAtMs.set(slot, nowMs);
    const tookMs = Math.max(latencyMs, MIN_LATENCY_MS);
    if (this.usualMs === 0) this.usualMs = tookMs;
    const memoryMs = this.#claimedMs.isKnown ? MEMORY_MS : Math.min(MEMORY_OF_LOAD_MS, MEMORY_OF_LOAD_LATENCIES * this.usualMs);
    this.#seen.setPace(memoryMs, memoryMs);
    let latencies = tookMs / this.usualMs;
    if (latencies > MAX_LATENCIES) latencies = Math.min(latencies, MAX_LATENCIES * Math.max(1, this.#seen.at(slot, nowMs)));
    this.#seen.note(slot, latencies, isSilent ? GAIN_OF_SILENT : GAIN, nowMs);
    this.usualMs *= 1 + USUAL_GAIN * (latencies - 1);
    const claimAgeMs = CLAIM_LATENCIES * this.usualMs;
    this.#claimedMs.setPace(Math.min(GOOD_CLAIM_MS, claimAgeMs), Math.min(BAD_CLAIM_MS, claimAgeMs));
  }

  /** It answered, whatever it did: it does not hang. */
  onAnswer(slot: number, nowMs: number): void {
    this.#answeredAtMs.set(slot, nowMs);
  }

  /** A failure can be quick: its latency counts only if it is high. */
  onFailure(slot: number, latencyMs: number, nowMs: number): void {
    if (this.usualMs > 0) this.#seen.raise(slot, latencyMs / this.usualMs, nowMs);
  }

  /**
   * By our own calls alone; 1 is usual. Where nobody claims anything, it tells of load as well, and counts the less the more calls of our own are in
   * flight, which tell of load without chance.
   */
  seen(slot: number, nowMs: number): number {
    if (this.usualMs === 0) return 1;
    const seen = this.#seen.at(slot, nowMs) / this.#seen.mean;
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
    const { isKnown: isClaimed, mean: usualClaimMs } = this.#claimedMs;
    let expected = 1;
    if (!isClaimed) expected = this.seen(slot, nowMs);
    else {
      // What was never above these will not be by growing old: mostly, there is nothing to work out.
      if (usualClaimMs > 0 && this.#claimedMs.noted(slot) > usualClaimMs)
        expected = 1 + (this.#claimedMs.at(slot, nowMs) / usualClaimMs - 1) * (1 - appraisal.idleness);
      const doubt = DOUBT + (DOUBT_OF_IDLE - DOUBT) * appraisal.idleness;
      if (this.#seen.noted(slot) > doubt * this.#seen.mean) expected = Math.max(expected, this.seen(slot, nowMs) / doubt);
    }
    // A call may be long, while its server goes on answering others.
    const silent = (nowMs - Math.max(oldestUnansweredAtMs, this.#answeredAtMs.get(slot))) / usualMs;
    const slowness = silent > OVERDUE * expected ? silent : expected;
    appraisal.slowness = isClaimed ? slowness * slowness : slowness;
  }
}
