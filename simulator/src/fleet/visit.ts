import type { LoadReport } from "meshless/balancer";
import type { ClientGroup } from "../scenario.ts";

/**
 * What a server makes of a call. `mistaken`: the call is at fault. `denied`: it is told so, and is not. `bounced`: turned away before the handler, as the call allowed. `refused`: turned away because the server
 * is leaving, before it was looked at. `reset`: the connection broke.
 */
export type Answer = "done" | "mistaken" | "denied" | "failed" | "bounced" | "refused" | "reset";

/** An attempt, as the server sees it. */
export interface Visit {
  /** At full speed, in ms. */
  readonly workMs: number;
  /** Undefined: the call deserves a result. */
  readonly mistake: ClientGroup["mistaken"];
  /** The server may turn it away when it is busy. */
  readonly mayBounce: boolean;
  /** The call's own chance that an error hits it, in [0, 1). */
  readonly errorChance: number;
  /** The call's own chance that its report is lost, in [0, 1). */
  readonly reportLossChance: number;
  answer(answer: Answer, report: LoadReport | undefined): void;
}
