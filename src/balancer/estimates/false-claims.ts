import type { Member } from "../member.ts";
import type { LatencyEstimates } from "./latency-estimates.ts";
import type { SlotTable, SlotTables } from "./slot-table.ts";

/** How old a report is taken to be when it comes: servers send the same one for 5 ms, and it is on its way for some more. */
export const REPORT_AGE_MS = 5;
/** How many reports of a server are not believed after one was found to be a lie: about as many as it tells before it is found out again. */
const DISTRUSTED_REPORTS = 200;

/** Who claims to have nothing in flight while a call of ours waits there, and is not believed for a while. */
export class FalseClaims {
  readonly #suspectedAtMs: SlotTable;
  /** How many more reports are not believed. */
  readonly #distrusted: SlotTable;
  readonly #latency: Pick<LatencyEstimates, "usualMs" | "seen">;

  constructor(tables: SlotTables, latency: Pick<LatencyEstimates, "usualMs" | "seen">) {
    this.#suspectedAtMs = tables.add(Infinity);
    this.#distrusted = tables.add();
    this.#latency = latency;
  }

  /** Whether what the server says counts. */
  isTrusted(slot: number): boolean {
    return this.#distrusted.get(slot) === 0;
  }

  /** Whether a report is to be passed over. @param isIdle it claims to be idle, where servers are not as a rule */
  dismisses(member: Member, isIdle: boolean, nowMs: number): boolean {
    const { slot } = member;
    if (isIdle && this.#waitsTooLong(member, nowMs)) {
      // A lie, unless the answer is on its way.
      this.#suspectedAtMs.set(slot, Math.min(nowMs, this.#suspectedAtMs.get(slot)));
      return true;
    }
    if (this.isTrusted(slot)) return false;
    this.#distrusted.add(slot, -1);
    return true;
  }

  /** Whether it shows just now that the server lied: the answer had the time to come, and did not. */
  turnsOut(member: Member, nowMs: number): boolean {
    const { slot } = member;
    const suspectedAtMs = this.#suspectedAtMs.get(slot);
    if (!(nowMs - suspectedAtMs > REPORT_AGE_MS)) return false;
    this.#suspectedAtMs.set(slot, Infinity);
    if (!this.#waitsTooLong(member, suspectedAtMs)) return false;
    this.#distrusted.set(slot, DISTRUSTED_REPORTS);
    return true;
  }

  /** For longer than a call takes to get there, and the report to get here. */
  #waitsTooLong({ slot, oldestUnansweredAtMs }: Member, nowMs: number): boolean {
    const { usualMs } = this.#latency;
    return usualMs > 0 && nowMs - oldestUnansweredAtMs > Math.max(1, this.#latency.seen(slot, nowMs)) * usualMs + REPORT_AGE_MS;
  }
}
