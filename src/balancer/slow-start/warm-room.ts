import type { LoadReport } from "../../load-report.ts";
import { SpillGate } from "../levels/spill-gate.ts";
import type { Member } from "../member.ts";
import type { SlowStart } from "./slow-start.ts";

/** There is no room above this utilization; where servers report none, {@link SpillGate} finds out. */
const MAX_UTILIZATION = 0.92;

/** Whether the warm members have room for the calls of those that sit out. */
export class WarmRoom {
  readonly #slowStart: SlowStart;
  readonly #gate = new SpillGate(MAX_UTILIZATION);

  constructor(slowStart: SlowStart) {
    this.#slowStart = slowStart;
  }

  isShort(nowMs: number): boolean {
    return this.#gate.isOpen(nowMs);
  }

  onReport(member: Member, report: LoadReport, nowMs: number): void {
    if (this.#isWarm(member, nowMs)) this.#gate.onReport(report, nowMs);
  }

  onSuccess(member: Member, latencyMs: number, nowMs: number): void {
    if (this.#isWarm(member, nowMs)) this.#gate.onSuccess(latencyMs, nowMs);
  }

  /** Newcomers are slow because they are cold, and idle because they sit out: they say nothing of the others. */
  #isWarm(member: Member, nowMs: number): boolean {
    return !this.#slowStart.isOn(nowMs) || this.#slowStart.shareOf(member, nowMs) >= 1;
  }
}
