import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, durationFromMs } from "@bufbuild/protobuf/wkt";
import { type LoadBalancingPolicy, LoadBalancingPolicySchema } from "../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ClientSideWeightedRoundRobinSchema } from "../gen/envoy/extensions/load_balancing_policies/client_side_weighted_round_robin/v3/client_side_weighted_round_robin_pb.ts";
import type { SlowStartConfigSchema } from "../gen/envoy/extensions/load_balancing_policies/common/v3/common_pb.ts";
import { LeastRequestSchema } from "../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.ts";
import { RoundRobinSchema } from "../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin_pb.ts";
import { Subset_LbSubsetFallbackPolicy, SubsetSchema } from "../gen/envoy/extensions/load_balancing_policies/subset/v3/subset_pb.ts";
import { WrrLocalitySchema } from "../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality_pb.ts";
import { packed } from "../resource.ts";
import type { PolicyRules, ServiceSettings, SlowStartRules } from "../service.ts";

/** A policy by the name that xDS has for it. */
export type NamedConfig = readonly [name: string, config: Any];

/**
 * How endpoints are chosen: in the locality that its weight draws, by the policy that is wanted. Who does not know it takes the next one.
 *
 * Envoy's wrr_locality takes nothing but weights by load. That the others are the policy of a subset of all endpoints hides them from clients of gRPC, who
 * don't know subsets, and go on to wrr_locality.
 */
export function balancing({ policy = twoChoices, slowStart }: Pick<ServiceSettings, "policy" | "slowStart">): LoadBalancingPolicy {
  if (policy.name === "weightedRoundRobin") return policies(inLocality({ policy }));
  const inEnvoy = { localityLbConfig: byWeight, ...(slowStart && { slowStartConfig: slow(slowStart) }) };
  return policies(ofAll(chosenBy(policy, inEnvoy)), inLocality({ policy }));
}

/** For clients of gRPC, and for Envoy where it is weights by load. Who knows nothing better takes turns. */
export function inLocality({ policy = twoChoices }: Pick<ServiceSettings, "policy">): NamedConfig {
  const turns = inTurns({});
  const endpointPickingPolicy =
    policy.name === "roundRobin" ? policies(turns) : policies(policy.name === "powerOfTwo" ? chosenBy(policy, {}) : byLoad, turns);
  return ["wrr_locality", packed(WrrLocalitySchema, create(WrrLocalitySchema, { endpointPickingPolicy }))];
}

export function policies(...list: readonly NamedConfig[]): LoadBalancingPolicy {
  return create(LoadBalancingPolicySchema, {
    policies: list.map(([name, typedConfig]) => ({ typedExtensionConfig: { name: `envoy.load_balancing_policies.${name}`, typedConfig } })),
  });
}

const twoChoices: PolicyRules = { name: "powerOfTwo" };
type InEnvoy = Pick<MessageInitShape<typeof LeastRequestSchema>, "localityLbConfig" | "slowStartConfig">;
const byWeight = { localityConfigSpecifier: { case: "localityWeightedLbConfig", value: {} } } as const;
const byLoad: NamedConfig = [
  "client_side_weighted_round_robin",
  packed(ClientSideWeightedRoundRobinSchema, create(ClientSideWeightedRoundRobinSchema)),
];

function chosenBy(policy: Exclude<PolicyRules, { name: "weightedRoundRobin" }>, inEnvoy: InEnvoy): NamedConfig {
  if (policy.name === "roundRobin") return inTurns(inEnvoy);
  const choices = policy.choices === undefined ? {} : { choiceCount: policy.choices };
  return ["least_request", packed(LeastRequestSchema, create(LeastRequestSchema, { ...inEnvoy, ...choices }))];
}

function inTurns(inEnvoy: InEnvoy): NamedConfig {
  return ["round_robin", packed(RoundRobinSchema, create(RoundRobinSchema, inEnvoy))];
}

function ofAll(policy: NamedConfig): NamedConfig {
  const fallbackPolicy = Subset_LbSubsetFallbackPolicy.ANY_ENDPOINT;
  const subset = create(SubsetSchema, { fallbackPolicy, localityWeightAware: true, subsetLbPolicy: policies(policy) });
  return ["subset", packed(SubsetSchema, subset)];
}

function slow({ windowMs, minShare }: SlowStartRules): MessageInitShape<typeof SlowStartConfigSchema> {
  return { slowStartWindow: durationFromMs(windowMs), ...(minShare !== undefined && { minWeightPercent: { value: minShare * 100 } }) };
}
