import { assertChecked } from "../check-options.ts";
import type { Balancer } from "./balancer.ts";
import { type BalancerOptions, checkBalancer } from "./balancer-options.ts";
import { MemberBalancer } from "./member-balancer.ts";

/** A balancer without members: feed it with {@link Balancer.update}. */
export function createBalancer(options: BalancerOptions): Balancer {
  return new MemberBalancer(assertChecked(options, checkBalancer));
}
