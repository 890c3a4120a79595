import { checkLimits, type LimitOptions } from "../call-limits.ts";
import { callable, either, number, type OptionChecks, oneOf, optionsOf, orFalse, required, share, text } from "../check-options.ts";
import { checkRandom, type RandomSource } from "../random-source.ts";
import type { Affinity } from "../service-config.ts";
import type { BalancerEvent } from "./balancer-event.ts";
import type { Ejection } from "./ejection/ejection.ts";
import { checkEjection, type EjectionOptions } from "./ejection/probing-ejector.ts";
import { checkSpill, type SpillOptions } from "./levels/level.ts";
import type { Policy } from "./policy.ts";
import { checkSlowStart, type SlowStartOptions } from "./slow-start/slow-start.ts";

/** Options of `createBalancer`. */
export interface BalancerOptions {
  readonly random: RandomSource;
  /** Who chooses among the eligible. Default `adaptive()`. */
  readonly policy?: Policy | undefined;
  /**
   * How failing endpoints are kept from calls for a while, or `outlierDetection()` for gRPC's way; false: they are not. Default: after 5 failures
   * in a row, or when half of their calls fail and those of others don't, see {@link EjectionOptions}.
   */
  readonly ejection?: EjectionOptions | Ejection | false | undefined;
  /**
   * Share of all known members, 0 to 1: with fewer eligible, ejections and pauses after overload are ignored, lest the rest be overrun.
   * 0 for never. Default 0.5. Equivalent to Envoy's `healthy_panic_threshold`.
   */
  readonly panicThreshold?: number | undefined;
  /** How endpoints that are new, that came back or that were readmitted are ramped up; false: at once. Default: over 30 s. */
  readonly slowStart?: SlowStartOptions | false | undefined;
  /** The zone of this client: its calls stay there while there is room. Default: all endpoints are alike, wherever they are. */
  readonly zone?: string | undefined;
  /** The node of this client, as the label `node` of endpoints names it, for {@link affinity}. Default: not known. */
  readonly node?: string | undefined;
  /**
   * With which endpoints calls stay while those have room: those of the own `zone`; or of the own `node`, where it has a healthy one; or `nodeOnly`, which is for
   * whoever calls {@link Balancer.update} to follow: others are not to be in the set. Default `zone`; `node` and `nodeOnly` have no effect without a node.
   */
  readonly affinity?: Affinity | undefined;
  /** When calls leave the zone. Default: above a utilization of 0.92, to endpoints where a call costs a twelfth or less. */
  readonly spill?: SpillOptions | undefined;
  /**
   * A priority hands calls on to the next one when its eligible share times this factor is below 1; 1 to 10. Default 1.4: from 71 % on.
   * Equivalent to Envoy's `overprovisioning_factor`.
   */
  readonly overprovisioningFactor?: number | undefined;
  /** How much may be under way at once. Default: any number. The balancer itself heeds `maxCallsPerEndpoint`. */
  readonly limits?: LimitOptions | undefined;
  /** Called once the change is complete: a call made within finds all of it. Must not throw. */
  readonly onEvent?: ((event: BalancerEvent) => void) | undefined;
}

/** Of all but what a balancer needs from its surroundings. */
export const balancingChecks: OptionChecks<Omit<BalancerOptions, "random" | "onEvent">> = {
  policy: callable("a policy, such as roundRobin()"),
  ejection: either("options, false, or what outlierDetection() returns", either("", oneOf(false), callable<Ejection>()), checkEjection),
  panicThreshold: share,
  slowStart: orFalse(checkSlowStart),
  zone: text,
  node: text,
  affinity: oneOf("zone", "node", "nodeOnly"),
  spill: checkSpill,
  limits: checkLimits,
  overprovisioningFactor: number({ from: 1, to: 10, hint: () => "; 140 percent, as Envoy writes it, is 1.4" }),
};

export const checkBalancer = optionsOf<BalancerOptions>({ ...balancingChecks, random: required(checkRandom), onEvent: callable() });
