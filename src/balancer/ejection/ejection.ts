import type { RandomSource } from "../../random-source.ts";
import type { BalancerEvent } from "../balancer-event.ts";
import type { MutableMember } from "../members/mutable-member.ts";
import type { Outcome } from "../outcome.ts";

/** Makes the ejector of one balancer, such as `outlierDetection()` does. */
export type Ejection = (env: EjectionEnv) => Ejector;

export interface EjectionEnv {
  readonly random: RandomSource;
  /** Who is out already, by an ejector before this one. Default: nobody. */
  readonly out?: readonly MutableMember[];
}

/** Decides who sits out because of failures, for how long, and who comes back. */
export interface Ejector {
  /** When {@link review} has something to do because of the time, in the clock's ms; `Infinity` for never. */
  readonly reviewAtMs: number;
  /**
   * An attempt of a member ended. May eject or readmit this member, no other.
   *
   * @param startedAtMs when the call began: one from before the readmission says nothing of the member as it is now
   * @param known how many members there are
   */
  onOutcome(member: MutableMember, outcome: Outcome, startedAtMs: number, known: number, nowMs: number): BalancerEvent | undefined;
  /** To be called when the set changed, and before anything else at or after {@link reviewAtMs}. May eject and readmit any member. */
  review(members: Iterable<MutableMember>, known: number, nowMs: number): readonly BalancerEvent[];
  forget(member: MutableMember): void;
}
