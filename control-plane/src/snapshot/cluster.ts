import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { CircuitBreakers_ThresholdsSchema } from "../gen/envoy/config/cluster/v3/circuit_breaker_pb.ts";
import { type Cluster, Cluster_DiscoveryType, Cluster_LbPolicy, ClusterSchema } from "../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ApiVersion } from "../gen/envoy/config/core/v3/config_source_pb.ts";
import { ClusterConfigSchema } from "../gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.ts";
import { ClusterProvidedSchema } from "../gen/envoy/extensions/load_balancing_policies/cluster_provided/v3/cluster_provided_pb.ts";
import { HttpProtocolOptionsSchema } from "../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts";
import { packed } from "../resource.ts";
import type { CircuitBreaker, ServiceSettings } from "../service.ts";
import { balancing, inLocality, type NamedConfig, policies } from "./balancing.ts";
import { outlierDetection } from "./outlier-detection.ts";

/** Envoy's aggregate clusters want this and nothing else; gRPC does not know it and takes the next. */
const byCluster: NamedConfig = ["cluster_provided", packed(ClusterProvidedSchema, create(ClusterProvidedSchema))];

/** Envoy would speak HTTP/1.1 to servers. Clients of gRPC don't look at it. */
const http2 = create(HttpProtocolOptionsSchema, {
  upstreamProtocolOptions: { case: "explicitHttpConfig", value: { protocolConfig: { case: "http2ProtocolOptions", value: {} } } },
});
const protocolOptions = { [HttpProtocolOptionsSchema.typeName]: packed(HttpProtocolOptionsSchema, http2) };

/**
 * A cluster whose endpoints come by discovery, on the stream by which the cluster came.
 *
 * @param reportsLoad whether clients report their load to where it came from
 */
export function edsCluster(name: string, settings: ServiceSettings, reportsLoad: boolean): Cluster {
  const { circuitBreaker, ejection } = settings;
  return create(ClusterSchema, {
    name,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: {
      serviceName: name,
      edsConfig: { configSourceSpecifier: { case: "ads", value: {} }, resourceApiVersion: ApiVersion.V3 },
    },
    lbPolicy: Cluster_LbPolicy.ROUND_ROBIN,
    typedExtensionProtocolOptions: protocolOptions,
    loadBalancingPolicy: balancing(settings),
    ...(ejection && { outlierDetection: outlierDetection(ejection) }),
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
export function aggregateCluster(name: string, clusters: readonly string[], settings: Pick<ServiceSettings, "policy">): Cluster {
  const typedConfig = packed(ClusterConfigSchema, create(ClusterConfigSchema, { clusters: [...clusters] }));
  return create(ClusterSchema, {
    name,
    clusterDiscoveryType: { case: "clusterType", value: { name: "envoy.clusters.aggregate", typedConfig } },
    lbPolicy: Cluster_LbPolicy.ROUND_ROBIN,
    loadBalancingPolicy: policies(byCluster, inLocality(settings)),
  });
}
