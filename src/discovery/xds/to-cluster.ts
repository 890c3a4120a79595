import type { Endpoint } from "../../endpoint.ts";
import type { CircuitBreakers } from "../../gen/envoy/config/cluster/v3/circuit_breaker_pb.ts";
import type { Cluster, Cluster_CustomClusterType } from "../../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { Cluster_DiscoveryType as DiscoveryType } from "../../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { RoutingPriority } from "../../gen/envoy/config/core/v3/base_pb.ts";
import type { ConfigSource } from "../../gen/envoy/config/core/v3/config_source_pb.ts";
import { ClusterConfigSchema } from "../../gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.ts";
import type { AddressRules } from "../address-rules.ts";
import type { Problems } from "./problems.ts";
import { readNumber, unpack, valueName } from "./proto-fields.ts";
import { readSocket } from "./read-endpoint.ts";
import { toEndpoints } from "./to-endpoints.ts";
import { type OutlierSettings, toOutlierSettings } from "./to-outlier-settings.ts";
import { toPolicy, type XdsPolicy } from "./to-policy.ts";

/** How a service is called, as a control plane tells it. Undefined is what it does not tell. */
export interface XdsCluster {
  readonly kind: "cluster";
  readonly name: string;
  readonly source: ClusterSource;
  readonly policy: XdsPolicy;
  readonly outlierDetection: OutlierSettings | undefined;
  /** Calls under way at once. */
  readonly maxRequests: number | undefined;
  readonly retryBudget: { readonly share: number | undefined; readonly minConcurrency: number | undefined } | undefined;
  /** Below which share of healthy endpoints health is ignored. */
  readonly panicThreshold: number | undefined;
  /** The name of the transport socket that connections are to have, such as that of TLS. */
  readonly transportSocket: string | undefined;
}

/** Where the endpoints of a cluster come from. */
export type ClusterSource =
  | { readonly kind: "eds"; readonly serviceName: string }
  | { readonly kind: "dns"; readonly host: string; readonly port: number }
  | { readonly kind: "static"; readonly endpoints: readonly Endpoint[] }
  /** From other clusters, in order of preference. They may be of this kind too: who follows them bounds the depth. */
  | { readonly kind: "aggregate"; readonly clusters: readonly string[] };

const maxClusters = 128;

/** Undefined if it has no source that is understood. */
export function toCluster(cluster: Cluster, problems: Problems, rules: AddressRules): XdsCluster | undefined {
  const source = toSource(cluster, problems, rules);
  const policy = toPolicy(cluster, problems);
  const { name, outlierDetection, circuitBreakers, commonLbConfig, transportSocket } = cluster;
  const threshold = readNumber(
    commonLbConfig?.healthyPanicThreshold?.value,
    [0, 100],
    "common_lb_config.healthy_panic_threshold",
    problems,
  );
  if (source === undefined || policy === undefined) return undefined;
  return {
    kind: "cluster",
    name,
    source,
    policy,
    outlierDetection: outlierDetection && toOutlierSettings(outlierDetection, problems),
    ...toLimits(circuitBreakers, problems),
    panicThreshold: threshold === undefined ? undefined : threshold / 100,
    transportSocket: transportSocket?.name,
  };
}

function toSource(
  { name, clusterDiscoveryType: type, edsClusterConfig, loadAssignment }: Cluster,
  problems: Problems,
  rules: AddressRules,
): ClusterSource | undefined {
  if (type.case === "clusterType") return toAggregate(type.value, problems);
  switch (type.value) {
    case DiscoveryType.EDS:
      if (!isAggregated(edsClusterConfig?.edsConfig)) return problems.add("eds_cluster_config.eds_config: neither ads nor self");
      return { kind: "eds", serviceName: edsClusterConfig?.serviceName || name };
    case DiscoveryType.LOGICAL_DNS:
    case DiscoveryType.STRICT_DNS: {
      const hosts = (loadAssignment?.endpoints ?? []).flatMap(({ lbEndpoints }) => lbEndpoints);
      const host = hosts[0]?.hostIdentifier.value;
      if (hosts.length !== 1 || host === undefined) return problems.unexpected("load_assignment", "one endpoint", hosts.length);
      const socket = readSocket(host.address, "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address", problems);
      return socket && { kind: "dns", host: socket.address, port: socket.port };
    }
    case DiscoveryType.STATIC:
    case undefined:
      if (loadAssignment === undefined) return problems.add("load_assignment: is missing in a cluster of type STATIC");
      return { kind: "static", endpoints: toEndpoints(loadAssignment, problems, rules).endpoints };
    default:
      return problems.unexpected("type", "EDS, LOGICAL_DNS, STRICT_DNS or STATIC", valueName(DiscoveryType, type.value));
  }
}

/** Whether the endpoints are to be asked for on the stream that the cluster came on. */
function isAggregated(source: ConfigSource | undefined): boolean {
  return source?.configSourceSpecifier.case !== undefined;
}

function toAggregate({ typedConfig, name }: Cluster_CustomClusterType, problems: Problems): ClusterSource | undefined {
  const config = typedConfig && unpack(typedConfig, ClusterConfigSchema, "cluster_type.typed_config", problems);
  if (config === undefined) return problems.unexpected("cluster_type", "an aggregate cluster", typedConfig?.typeUrl ?? name);
  const { clusters } = config;
  const isGood = clusters.length >= 1 && clusters.length <= maxClusters && !clusters.includes("");
  if (!isGood) return problems.unexpected("cluster_type.typed_config.clusters", `1 to ${maxClusters} names`, clusters);
  return { kind: "aggregate", clusters: [...new Set(clusters)] };
}

function toLimits(breakers: CircuitBreakers | undefined, problems: Problems): Pick<XdsCluster, "maxRequests" | "retryBudget"> {
  const thresholds = breakers?.thresholds.find(({ priority }) => priority === RoutingPriority.DEFAULT);
  const budget = thresholds?.retryBudget;
  const percent = readNumber(budget?.budgetPercent?.value, [0, 100], "circuit_breakers.thresholds.retry_budget.budget_percent", problems);
  const share = percent === undefined ? undefined : percent / 100;
  return { maxRequests: thresholds?.maxRequests, retryBudget: budget && { share, minConcurrency: budget.minRetryConcurrency } };
}
