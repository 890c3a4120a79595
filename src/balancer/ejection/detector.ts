import type { Member } from "../member.ts";
import type { Outcome } from "../outcome.ts";

/**
 * Judges members by what becomes of their calls. It only accuses; the ejector decides, within its bound. State of its own
 * belongs in a `WeakMap` by member, so that one detector may serve any number of balancers.
 */
export interface Detector {
  /**
   * Called for each outcome that says something of the endpoint, so never for `abandoned`, and after
   * {@link Member.consecutiveFailures} was counted.
   *
   * @returns the reason to eject the member, such as "5 failures in a row", or undefined
   */
  onOutcome(member: Member, outcome: Outcome, nowMs: number): string | undefined;
}
