import type { Member } from "../member.ts";
import { ClientErrorRecord } from "./client-error-record.ts";
import { SlotTable } from "./slot-table.ts";
import { SuccessRates } from "./success-rates.ts";
import { suspicionMs } from "./suspicion.ts";

/** Failures in a row count as more than chance below this probability; as rare as for an ejection, because each call is another chance. */
const CHANCE = 1e-6;

/** Which members fail where others succeed. */
export class FailureRecord {
  readonly #rates = new SuccessRates();
  readonly #failedAtMs = new SlotTable(-Infinity);
  readonly #clientErrors = new ClientErrorRecord();
  #members = new Set<Member>();

  membership(members: readonly Member[]): void {
    const present = new Set(members);
    for (const member of this.#members) if (!present.has(member)) this.#reset(member.slot);
    this.#members = present;
    this.#failedAtMs.membership(members);
    this.#clientErrors.membership(members);
  }

  onSuccess(slot: number, nowMs: number): void {
    this.#rates.add(slot, false, nowMs);
    this.#clientErrors.add(slot, false, nowMs);
  }

  /** An answer: it works. Whether it did what it was asked is counted apart. */
  onClientError(slot: number, nowMs: number): void {
    this.#rates.add(slot, false, nowMs);
    this.#clientErrors.add(slot, true, nowMs);
  }

  /** Whether most members answer with client errors for the most part: then these tell of the servers what successes do elsewhere. */
  areClientErrorsUsual(nowMs: number): boolean {
    return this.#clientErrors.areUsual(nowMs);
  }

  onFailure(slot: number, nowMs: number): void {
    this.#rates.add(slot, true, nowMs);
    this.#failedAtMs.set(slot, nowMs);
  }

  /**
   * The share of calls that succeed, relative to what is usual, above 0 to 1. Failures in a row that chance does not explain are remembered for
   * twice as long each time, because forgetting them costs one more.
   */
  success(member: Member, nowMs: number): number {
    const works = this.#rates.haveFailures || member.consecutiveFailures > 0 ? this.#measure(member, nowMs) : 1;
    const complies = this.#clientErrors.success(member, nowMs);
    // A product is a number on the heap, where the engine does not inline this.
    return complies === 1 ? works : works * complies;
  }

  #reset(slot: number): void {
    this.#rates.reset(slot);
    this.#clientErrors.reset(slot);
  }

  #measure({ slot, consecutiveFailures: failures }: Member, nowMs: number): number {
    const success = this.#rates.relative(slot, nowMs);
    if (failures === 0) return success;
    const usualFailures = 1 - this.#rates.median(nowMs);
    if (usualFailures ** failures > CHANCE) return success;
    return nowMs - this.#failedAtMs.get(slot) > suspicionMs(failures) ? success : Math.min(success, 1 / (failures + 1));
  }
}
