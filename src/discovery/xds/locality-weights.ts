import type { LocalityLbEndpoints } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import type { Problems } from "./problems.ts";

const maxWeight = 2 ** 32 - 1;
const maxPriority = 127;

/**
 * By what the weight of each endpoint is to be multiplied, for each locality; undefined for a locality that is to be left out.
 * Where no locality of a priority has a weight, as servers for Envoy may have it, endpoints count by their own.
 */
export function localityWeights(localities: readonly LocalityLbEndpoints[], problems: Problems): readonly (number | undefined)[] {
  const levels = Map.groupBy(localities, ({ priority }) => priority);
  checkPriorities([...levels.keys()], problems);
  checkUnique(localities, problems);
  for (const [priority, members] of levels)
    checkSum(
      members.map(({ loadBalancingWeight = 0 }) => loadBalancingWeight),
      `priority ${priority}`,
      problems,
    );
  const weighted = new Set(
    localities.flatMap(({ priority, loadBalancingWeight }) => (loadBalancingWeight === undefined ? [] : [priority])),
  );
  return localities.map(({ priority, loadBalancingWeight, lbEndpoints }, index) => {
    const path = `endpoints[${index}]`;
    if (loadBalancingWeight === 0) problems.unexpected(`${path}.load_balancing_weight`, `1 to ${maxWeight}`, 0);
    const sum = checkSum(
      lbEndpoints.map(({ loadBalancingWeight = 1 }) => loadBalancingWeight),
      `${path}.lb_endpoints`,
      problems,
    );
    if (!weighted.has(priority)) return 1;
    return loadBalancingWeight === undefined ? undefined : loadBalancingWeight / sum;
  });
}

function checkPriorities(priorities: readonly number[], problems: Problems): void {
  const highest = priorities.reduce((a, b) => Math.max(a, b), -1);
  if (highest > maxPriority) return problems.unexpected("endpoints", `priorities up to ${maxPriority}`, highest);
  const given = new Set(priorities);
  const gap = Array.from({ length: highest }, (_, priority) => priority).find((priority) => !given.has(priority));
  if (gap !== undefined) problems.add(`endpoints: priority ${gap} is missing, though there is ${highest}`);
}

function checkUnique(localities: readonly LocalityLbEndpoints[], problems: Problems): void {
  const places = new Map<string, number>();
  for (const [index, { locality, priority }] of localities.entries()) {
    const key = JSON.stringify([locality?.region ?? "", locality?.zone ?? "", locality?.subZone ?? "", priority]);
    const same = places.get(key);
    if (same !== undefined) problems.add(`endpoints[${index}]: has locality and priority of endpoints[${same}]`);
    places.set(key, same ?? index);
  }
}

function checkSum(weights: readonly number[], path: string, problems: Problems): number {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum > maxWeight) problems.unexpected(path, `weights of at most ${maxWeight} in all`, sum);
  return sum;
}
