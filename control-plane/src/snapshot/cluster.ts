import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { CircuitBreakers_ThresholdsSchema } from "../gen/envoy/config/cluster/v3/circuit_breaker_pb.ts";
import {
  type Cluster,
  Cluster_DiscoveryType,
  Cluster_LbPolicy,
  ClusterSchema,
  type LoadBalancingPolicy,
  LoadBalancingPolicySchema,
} from "../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ApiVersion } from "../gen/envoy/config/core/v3/config_source_pb.ts";
import { ClusterConfigSchema } from "../gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.ts";
import { ClusterProvidedSchema } from "../gen/envoy/extensions/load_balancing_policies/cluster_provided/v3/cluster_provided_pb.ts";
import { LeastRequestSchema } from "../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.ts";
import { RoundRobinSchema } from "../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin_pb.ts";
import { Subset_LbSubsetFallbackPolicy, SubsetSchema } from "../gen/envoy/extensions/load_balancing_policies/subset/v3/subset_pb.ts";
import { WrrLocalitySchema } from "../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality_pb.ts";
import { packed } from "../resource.ts";
import type { CircuitBreaker, Service } from "../service.ts";

const extension = "envoy.load_balancing_policies";

/** The least busy of two, where the client knows that; else in turns. In the locality that its weight draws. */
const picking = policies(
  ["least_request", packed(LeastRequestSchema, create(LeastRequestSchema))],
  ["round_robin", packed(RoundRobinSchema, create(RoundRobinSchema))],
);
/** The same for Envoy, whose wrr_locality takes neither of the two. That the subset is of all endpoints hides it from clients of gRPC, who don't know subsets. */
const inEnvoy = ["subset", packed(SubsetSchema, create(SubsetSchema, allByLocality()))] as const;
const byLocality = ["wrr_locality", packed(WrrLocalitySchema, create(WrrLocalitySchema, { endpointPickingPolicy: picking }))] as const;
/** Envoy's aggregate clusters want this and nothing else; gRPC does not know it and takes the next. */
const byCluster = ["cluster_provided", packed(ClusterProvidedSchema, create(ClusterProvidedSchema))] as const;

/**
 * A cluster whose endpoints come by discovery, on the stream by which the cluster came.
 *
 * @param reportsLoad whether clients report their load to where it came from
 */
export function edsCluster(name: string, { circuitBreaker }: Pick<Service, "circuitBreaker">, reportsLoad: boolean): Cluster {
  return create(ClusterSchema, {
    name,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: {
      serviceName: name,
      edsConfig: { configSourceSpecifier: { case: "ads", value: {} }, resourceApiVersion: ApiVersion.V3 },
    },
    lbPolicy: Cluster_LbPolicy.ROUND_ROBIN,
    loadBalancingPolicy: policies(inEnvoy, byLocality),
    ...(circuitBreaker && { circuitBreakers: { thresholds: [thresholdsOf(circuitBreaker)] } }),
    ...(reportsLoad && { lrsServer: { configSourceSpecifier: { case: "self", value: {} }, resourceApiVersion: ApiVersion.V3 } }),
  });
}

function thresholdsOf({
  maxRequests,
  retryBudgetPercent,
  minRetries,
}: CircuitBreaker): MessageInitShape<typeof CircuitBreakers_ThresholdsSchema> {
  const hasBudget = retryBudgetPercent !== undefined || minRetries !== undefined;
  return {
    ...(maxRequests !== undefined && { maxRequests }),
    ...(hasBudget && {
      retryBudget: {
        ...(retryBudgetPercent !== undefined && { budgetPercent: { value: retryBudgetPercent } }),
        ...(minRetries !== undefined && { minRetryConcurrency: minRetries }),
      },
    }),
  };
}

/** The first of the clusters that has endpoints which serve. */
export function aggregateCluster(name: string, clusters: readonly string[]): Cluster {
  const typedConfig = packed(ClusterConfigSchema, create(ClusterConfigSchema, { clusters: [...clusters] }));
  return create(ClusterSchema, {
    name,
    clusterDiscoveryType: { case: "clusterType", value: { name: "envoy.clusters.aggregate", typedConfig } },
    lbPolicy: Cluster_LbPolicy.ROUND_ROBIN,
    loadBalancingPolicy: policies(byCluster, byLocality),
  });
}

function allByLocality(): MessageInitShape<typeof SubsetSchema> {
  const byWeight = { localityConfigSpecifier: { case: "localityWeightedLbConfig", value: {} } } as const;
  const leastRequest = packed(LeastRequestSchema, create(LeastRequestSchema, { localityLbConfig: byWeight }));
  return {
    fallbackPolicy: Subset_LbSubsetFallbackPolicy.ANY_ENDPOINT,
    localityWeightAware: true,
    subsetLbPolicy: policies(["least_request", leastRequest]),
  };
}

function policies(...list: readonly (readonly [name: string, config: ReturnType<typeof packed>])[]): LoadBalancingPolicy {
  return create(LoadBalancingPolicySchema, {
    policies: list.map(([name, typedConfig]) => ({ typedExtensionConfig: { name: `${extension}.${name}`, typedConfig } })),
  });
}
