import type { RandomSource } from "meshless/balancer";
import { drawNormal } from "../engine/distributions.ts";
import type { ClientGroup } from "../scenario.ts";

/** Each client's share of its group's calls; their sum is 1. */
export function sharesOf({ count, rateSigma = 0 }: ClientGroup, random: RandomSource): readonly number[] {
  const weights = Array.from({ length: count }, () => Math.exp(rateSigma * drawNormal(random)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
