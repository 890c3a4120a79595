import type { Member } from "./member.ts";
import type { PickContext } from "./pick-context.ts";

/**
 * The one sampler that policies draw from. It offers only members that may take the call: eligible, of the right shard,
 * not avoided, and not a probing member that already has its one call. A member in its slow start may sit out the pick, as if it were not
 * there, so that policies need not know of it; if nobody was picked then, the policy is asked again, with everybody there. Allocates nothing.
 * For use within `Picker.pick` only.
 */
export interface Candidates {
  /** How many places {@link at} has for this call. Members that are avoided or busy probing still take a place. */
  places(context: PickContext): number;
  /** The member at a place, 0 to `places - 1`, or undefined when that one may not take this call. */
  at(context: PickContext, place: number): Member | undefined;
  /** A member, each with equal chance; undefined when nobody is there. */
  sample(context: PickContext): Member | undefined;
  /** Another member than `other`, each with equal chance; undefined when nobody is there. */
  sampleOther(context: PickContext, other: Member): Member | undefined;
  /** Whether a member that was found by other means, such as a hash or memory, may take this call. */
  admits(context: PickContext, member: Member): boolean;
}
