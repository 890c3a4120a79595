import type { Member } from "./member.ts";
import type { PickContext } from "./pick-context.ts";

/**
 * The one sampler that policies draw from. It offers only members that may take the call: eligible, of the right shard,
 * not avoided, and not a probing member that already has its one call. Allocates nothing.
 */
export interface Candidates {
  /** How many places {@link at} has for this call. Members that are avoided or busy probing still take a place. */
  places(context: PickContext): number;
  /** The member at a place, 0 to `places - 1`, or undefined when that one may not take this call. */
  at(context: PickContext, place: number): Member | undefined;
  /** A member, each with equal chance; undefined when there is none. */
  sample(context: PickContext): Member | undefined;
  /** Another member than `other`, each with equal chance; undefined when there is none. */
  sampleOther(context: PickContext, other: Member): Member | undefined;
}
