import type { Member } from "./member.ts";
import type { PickContext } from "./pick-context.ts";

/** Sums of costs stay finite. */
const MAX_COST = 1e6;

/** What a call takes of an endpoint, at most 1 000 000. A `cost` that is not a positive finite number counts as a usual call: 1. */
export function callCost(context: PickContext): number {
  const { cost } = context;
  return cost !== undefined && cost > 0 && cost < Infinity ? Math.min(cost, MAX_COST) : 1;
}

/** In flight per weight, as it would be with the call on this member. */
export function loadWith(context: PickContext, member: Member): number {
  return (member.inFlight + callCost(context)) / member.endpoint.weight;
}

/** The cost of policies that name none of their own: the cube of {@link loadWith}. */
export function callLoadCost(context: PickContext, member: Member): number {
  const load = loadWith(context, member);
  return load * load * load;
}
