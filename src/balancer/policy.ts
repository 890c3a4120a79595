import type { LoadReport } from "../load-report.ts";
import type { RandomSource } from "../random-source.ts";
import type { Candidates } from "./candidates.ts";
import type { Member } from "./member.ts";
import type { Outcome } from "./outcome.ts";
import type { PickContext } from "./pick-context.ts";

/** What a policy is given: chance, and the sampler that knows who is eligible. */
export interface PolicyEnv {
  readonly random: RandomSource;
  readonly candidates: Candidates;
}

/** Makes a picker for one balancer. A policy is an import, such as `powerOfTwo()`, never a registered name. */
export type Policy = (env: PolicyEnv) => Picker;

/** Chooses an endpoint for each call. Every method is synchronous and cheap: this is the hot path. */
export interface Picker {
  /** Who is there: called when members come or go or their weights change, not when a standing changes. */
  membership?(members: readonly Member[]): void;
  /** Chooses among the eligible members only ({@link Candidates}); O(1) or O(log n), allocates nothing. */
  pick(context: PickContext, nowMs: number): Member | undefined;
  onStart?(member: Member, nowMs: number): void;
  onReport?(member: Member, report: LoadReport, nowMs: number): void;
  onSettle?(member: Member, outcome: Outcome, nowMs: number): void;
}
