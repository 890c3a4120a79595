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

/**
 * Makes a picker for one group of members: those of one priority, in the client's zone or outside. It is called when a group is first needed, and once at
 * the creation of the balancer, to check the policy. A policy is an import, such as `powerOfTwo()`, never a registered name.
 */
export interface Policy {
  (env: PolicyEnv): Picker;
  /** Set by those that send a key to the same endpoint from every client, which therefore can't be used with a subset of endpoints. */
  readonly needsAllEndpoints?: boolean;
}

/**
 * Chooses an endpoint for each call. Every method is synchronous and cheap: this is the hot path. What a method throws is told once, as the event
 * `plugInFailed`, and goes no further. If `pick` fails, or returns a member that {@link Candidates} does not offer, the call goes to one that it does.
 */
export interface Picker {
  /**
   * Who is there: called when members come or go, and when the weight, address or a label of one changes; not when a standing does. Members
   * that change priority, or cross the border of the client's zone, leave one picker and come to another.
   */
  membership?(members: readonly Member[]): void;
  /** Chooses among the eligible members only ({@link Candidates}); O(1) or O(log n), allocates nothing. */
  pick(context: PickContext, nowMs: number): Member | undefined;
  /**
   * What the call would cost there, >= 0, growing with the cube of the load: zones are compared by it, so it must mean the same in every
   * picker of the policy. Default: (calls in flight with this one, per weight) cubed.
   */
  cost?(context: PickContext, member: Member, nowMs: number): number;
  /** Says, in a sentence for `inspect()`, what the policy holds of the member just now. Asking must change nothing. */
  describe?(member: Member, nowMs: number): string | undefined;
  /** `cost`: of the call, 1 for a usual one. */
  onStart?(member: Member, nowMs: number, cost: number): void;
  onReport?(member: Member, report: LoadReport, nowMs: number): void;
  onSettle?(member: Member, outcome: Outcome, nowMs: number, cost: number): void;
}
