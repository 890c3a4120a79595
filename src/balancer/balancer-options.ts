import type { RandomSource } from "../random-source.ts";
import type { BalancerEvent } from "./balancer-event.ts";
import { assertPolicy } from "./containment/contained-picker.ts";
import type { Ejection } from "./ejection/ejection.ts";
import type { EjectionOptions } from "./ejection/probing-ejector.ts";
import type { SpillOptions } from "./levels/level.ts";
import type { LevelsEnv } from "./levels/levels.ts";
import { adaptive } from "./policies/adaptive.ts";
import type { Policy } from "./policy.ts";
import type { SlowStartOptions } from "./slow-start/slow-start.ts";

export interface BalancerOptions {
  readonly random: RandomSource;
  /** Who chooses among the eligible. Default `adaptive()`. */
  readonly policy?: Policy | undefined;
  /**
   * When endpoints sit out because of their failures: how, or `outlierDetection()` for gRPC's way; false for never. Default: after 5 failures in a
   * row, and when half of the calls fail where others' don't, see {@link EjectionOptions}.
   */
  readonly ejection?: EjectionOptions | Ejection | false | undefined;
  /**
   * Share of all known members, 0 to 1: with fewer eligible, ejections and pauses after overload are ignored, lest the rest be overrun.
   * 0 for never. Default 0.5. Equivalent to Envoy's `healthy_panic_threshold`.
   */
  readonly panicThreshold?: number | undefined;
  /** How endpoints that are new, that came back or that were readmitted are ramped up; false: at once. */
  readonly slowStart?: SlowStartOptions | false | undefined;
  /** The zone of this client: its calls stay there while there is room. Default: all endpoints are alike, wherever they are. */
  readonly zone?: string | undefined;
  /** When calls leave the zone. */
  readonly spill?: SpillOptions | undefined;
  /**
   * A priority hands calls on to the next one when its eligible share times this factor is below 1, >= 1. Default 1.4: from 71 % on.
   * Equivalent to Envoy's `overprovisioning_factor`.
   */
  readonly overprovisioningFactor?: number | undefined;
  /** Called once the change is complete: a call made within finds all of it. Must not throw. */
  readonly onEvent?: ((event: BalancerEvent) => void) | undefined;
}

/**
 * @throws RangeError for an option out of its range
 * @throws TypeError for a policy that makes no picker
 */
export function levelSettings(options: BalancerOptions): Omit<LevelsEnv, "slowStart" | "faults"> {
  const { random, policy = adaptive(), zone, spill = {}, panicThreshold = 0.5, overprovisioningFactor = 1.4 } = options;
  const { aboveUtilization = 0.92, penalty = 12 } = spill;
  if (!(panicThreshold >= 0 && panicThreshold <= 1)) throw new RangeError(`panicThreshold must be from 0 to 1, not ${panicThreshold}`);
  if (!(overprovisioningFactor >= 1)) throw new RangeError(`overprovisioningFactor must be at least 1, not ${overprovisioningFactor}`);
  if (!(aboveUtilization >= 0)) throw new RangeError(`aboveUtilization must be at least 0, not ${aboveUtilization}`);
  if (!(penalty >= 1)) throw new RangeError(`penalty must be at least 1, not ${penalty}`);
  assertPolicy(policy);
  return { random, policy, zone, spill: { aboveUtilization, penalty }, panicThreshold, overprovisioningFactor };
}
