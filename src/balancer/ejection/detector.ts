import type { Member } from "../member.ts";
import type { Outcome } from "../outcome.ts";

/** Makes an accuser for one balancer. A detector is an import, such as `successRate()`, and serves any number of balancers. */
export type Detector = () => Accuser;

/**
 * Judges members by what becomes of their calls. It only accuses; the ejector decides, within its bound. State of its own belongs in
 * arrays by {@link Member.slot}. What a method throws is told once, as the event `plugInFailed`, and accuses nobody.
 */
export interface Accuser {
  /**
   * Called for each outcome that says something of the endpoint as it is now: never for `abandoned`, nor for calls that began before the
   * member was readmitted, nor while it is ejected or probing. {@link Member.consecutiveFailures} is already counted.
   * A client error of a call that was bound to the endpoint, by a `hashKey` or a `shard`, comes as a success.
   *
   * @returns the reason to eject the member, such as "5 failures in a row", or undefined
   */
  onOutcome(member: Member, outcome: Outcome, nowMs: number): string | undefined;
  /** What was seen of the member no longer counts: it was ejected, and starts anew once it is back, or it left, and its slot is free. */
  forget?(member: Member): void;
}
