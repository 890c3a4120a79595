import { adaptive, maglev, type Policy, peakEwma, powerOfTwo, prequalHcl, ringHash, weightedRoundRobin } from "meshless/balancer";

/** Those that are compared, the default first. */
export const policies = {
  adaptive,
  powerOfTwo,
  peakEwma,
  prequalHcl,
  weightedRoundRobin,
  ringHash,
  maglev,
} satisfies Record<string, () => Policy>;

export type PolicyName = keyof typeof policies;
