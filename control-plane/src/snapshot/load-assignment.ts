import { create, type JsonObject, type MessageInitShape } from "@bufbuild/protobuf";
import { HealthStatus } from "../gen/envoy/config/core/v3/health_check_pb.ts";
import type { LbEndpointSchema, LocalityLbEndpointsSchema } from "../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { type ClusterLoadAssignment, ClusterLoadAssignmentSchema } from "../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { addressText, type Service, type ServiceEndpoint } from "../service.ts";

/** What clients bear. */
const maxPriorities = 128;
const maxLocalityWeights = 2 ** 32 - 1;

const healthOf = { healthy: HealthStatus.HEALTHY, unhealthy: HealthStatus.UNHEALTHY, draining: HealthStatus.DRAINING } as const;

/**
 * The endpoints of services as xDS has them: the first service's own priorities, then those of each fallback. Clients refuse gaps in priorities, an
 * address twice, and a locality twice in a priority; so there are none, whatever the services are. In the same order on each replica.
 */
export function loadAssignment(name: string, services: readonly Service[]): ClusterLoadAssignment {
  const priorities = distinct(services).flatMap(byPriority).slice(0, maxPriorities);
  return create(ClusterLoadAssignmentSchema, { clusterName: name, endpoints: priorities.flatMap(localitiesOf) });
}

/** An address belongs to the first service that has it. */
function distinct(services: readonly Service[]): readonly (readonly ServiceEndpoint[])[] {
  const seen = new Set<string>();
  return services.map(({ endpoints }) => {
    return endpoints.toSorted(inOrder).filter(({ address, port }) => {
      const key = `${address} ${port}`;
      return !seen.has(key) && seen.add(key);
    });
  });
}

function inOrder(a: ServiceEndpoint, b: ServiceEndpoint): number {
  return compare(a.address, b.address) || a.port - b.port || compare(a.id, b.id);
}

/** By code units: the language of a replica must not matter. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byPriority(endpoints: readonly ServiceEndpoint[]): readonly (readonly ServiceEndpoint[])[] {
  const groups = Map.groupBy(endpoints, ({ priority }) => priority);
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function localitiesOf(
  endpoints: readonly ServiceEndpoint[],
  priority: number,
): readonly MessageInitShape<typeof LocalityLbEndpointsSchema>[] {
  const groups = [...Map.groupBy(endpoints, ({ region, zone }) => JSON.stringify([region, zone]))].sort(([a], [b]) => compare(a, b));
  const weights = groups.map(([, group]) => group.reduce((sum, { weight }) => sum + weight, 0));
  const scale = Math.max(1, weights.reduce((sum, weight) => sum + weight, 0) / maxLocalityWeights);
  return groups.map(([, group], index) => ({
    locality: { region: group[0]?.region ?? "", zone: group[0]?.zone ?? "" },
    lbEndpoints: group.map(lbEndpoint),
    // gRPC leaves out a locality without a weight.
    loadBalancingWeight: Math.max(1, Math.floor((weights[index] ?? 0) / scale)),
    priority,
  }));
}

function lbEndpoint(endpoint: ServiceEndpoint): MessageInitShape<typeof LbEndpointSchema> {
  const { address, port, weight, health } = endpoint;
  const metadata = metadataOf(endpoint);
  return {
    hostIdentifier: {
      case: "endpoint",
      value: { address: { address: { case: "socketAddress", value: { address, portSpecifier: { case: "portValue", value: port } } } } },
    },
    healthStatus: healthOf[health],
    loadBalancingWeight: weight,
    ...(metadata && { metadata: { filterMetadata: { "envoy.lb": metadata } } }),
  };
}

/**
 * Sorted, since the version is of the bytes. An id that says no more than the address, as clients take it by default, is left out, which more than halves a
 * plain one; unless a label would be taken for it.
 */
function metadataOf(endpoint: ServiceEndpoint): JsonObject | undefined {
  const { id, labels } = endpoint;
  const isDefault = id === addressText(endpoint) && !Object.hasOwn(labels, "id");
  const entries = Object.entries(isDefault ? labels : { ...labels, id });
  return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(([a], [b]) => compare(a, b)));
}
