import type { Member } from "../member.ts";
import { SlotTable } from "./slot-table.ts";
import { SuccessRates } from "./success-rates.ts";

/** Failures in a row count as more than chance below this probability; as rare as for an ejection, because each call is another chance. */
const CHANCE = 1e-6;
/** As long as the window of the success rates. */
const SUSPICION_MS = 10_000;
const MAX_SUSPICION_MS = 300_000;

/** Which members fail where others succeed. */
export class FailureRecord {
  readonly #rates = new SuccessRates();
  readonly #failedAtMs = new SlotTable(-Infinity);
  #members = new Set<Member>();

  membership(members: readonly Member[]): void {
    const present = new Set(members);
    for (const member of this.#members) if (!present.has(member)) this.#rates.reset(member.slot);
    this.#members = present;
    this.#failedAtMs.membership(members);
  }

  onSuccess(slot: number, nowMs: number): void {
    this.#rates.add(slot, false, nowMs);
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
    return this.#rates.haveFailures || member.consecutiveFailures > 0 ? this.#measure(member, nowMs) : 1;
  }

  #measure({ slot, consecutiveFailures: failures }: Member, nowMs: number): number {
    const success = this.#rates.relative(slot, nowMs);
    if (failures === 0) return success;
    const usualFailures = 1 - this.#rates.median(nowMs);
    if (usualFailures ** failures > CHANCE) return success;
    const rememberedMs = Math.min(SUSPICION_MS * 2 ** (failures - 1), MAX_SUSPICION_MS);
    return nowMs - this.#failedAtMs.get(slot) > rememberedMs ? success : Math.min(success, 1 / (failures + 1));
  }
}
