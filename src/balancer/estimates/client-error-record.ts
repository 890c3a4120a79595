import type { Member } from "../member.ts";
import { isBeyondChance } from "./chance.ts";
import { SlotTable } from "./slot-table.ts";
import { SuccessRates } from "./success-rates.ts";
import { suspicionMs } from "./suspicion.ts";

/** A share of client errors counts as more than chance below this probability: it is forgotten soon, and costs little if it was chance. */
const CHANCE = 1e-3;
/** The same for client errors in a row, which are remembered for long. */
const CHANCE_OF_RUN = 1e-6;

/**
 * Which members answer that the caller is wrong where others do what they are asked. Client errors may be everyday on all of them, so that one says
 * nothing yet: it takes as many as chance does not explain, at the share that the others have.
 */
export class ClientErrorRecord {
  readonly #rates = new SuccessRates();
  readonly #latestAtMs = new SlotTable(-Infinity);

  membership(members: readonly Member[]): void {
    this.#latestAtMs.membership(members);
  }

  /** An answer came. */
  add(slot: number, isClientError: boolean, nowMs: number): void {
    this.#rates.add(slot, isClientError, nowMs);
    if (isClientError) this.#latestAtMs.set(slot, nowMs);
  }

  reset(slot: number): void {
    this.#rates.reset(slot);
  }

  /** Whether most members answer so for the most part. */
  areUsual(nowMs: number): boolean {
    return this.#rates.median(nowMs) < 0.5;
  }

  /** The share of answers that are none, relative to what is usual, above 0 to 1. */
  success(member: Member, nowMs: number): number {
    return this.#rates.haveFailures || member.consecutiveClientErrors > 0 ? this.#measure(member, nowMs) : 1;
  }

  #measure({ slot, consecutiveClientErrors: run }: Member, nowMs: number): number {
    const rates = this.#rates;
    const usual = rates.leastRateOfOthers(slot, nowMs);
    const rate = rates.rate(slot, nowMs);
    const isUnusual = rate < usual && isBeyondChance(rates.raw(slot, nowMs), usual, rates.requests(slot, nowMs), CHANCE);
    const success = isUnusual ? rate / usual : 1;
    if (run === 0 || (1 - usual) ** run > CHANCE_OF_RUN || nowMs - this.#latestAtMs.get(slot) > suspicionMs(run)) return success;
    return Math.min(success, 1 / (run + 1));
  }
}
