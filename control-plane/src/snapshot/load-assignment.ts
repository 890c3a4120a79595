import { create, type DescField, type DescMessage, type JsonObject, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { HealthStatus } from "../gen/envoy/config/core/v3/health_check_pb.ts";
import { LbEndpointSchema, LocalityLbEndpointsSchema } from "../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { ClusterLoadAssignmentSchema } from "../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { addressText, type Service, type ServiceEndpoint } from "../service.ts";

/** What clients bear. */
const maxPriorities = 128;
const maxLocalityWeights = 2 ** 32 - 1;

const healthOf = { healthy: HealthStatus.HEALTHY, unhealthy: HealthStatus.UNHEALTHY, draining: HealthStatus.DRAINING } as const;

/** Each endpoint is encoded once in its life: of a service of 10,000 of which one changes, that is one. */
const encodedEndpoints = new WeakMap<ServiceEndpoint, Uint8Array>();

/**
 * The endpoints of services as xDS has them, encoded: the first service's own priorities, then those of each fallback. Clients refuse gaps in
 * priorities, an address twice, and a locality twice in a priority; so there are none, whatever the services are. In the same order on each replica.
 *
 * @param config how they are called: in the metadata of the first locality, where nobody but our own clients looks
 */
export function loadAssignment(name: string, services: readonly Service[], config?: JsonObject): Uint8Array {
  const priorities = distinct(services).flatMap(byPriority).slice(0, maxPriorities);
  const { endpoints } = ClusterLoadAssignmentSchema.field;
  const localities = priorities.flatMap((group, priority) => localitiesOf(group, priority, priority === 0 ? config : undefined));
  return encodeWith(ClusterLoadAssignmentSchema, { clusterName: name }, endpoints, localities);
}

/** A message, and in a field of it a list of messages that are encoded already. */
function encodeWith<Desc extends DescMessage>(
  schema: Desc,
  message: MessageInitShape<Desc>,
  { number }: DescField,
  items: readonly Uint8Array[],
): Uint8Array {
  const writer = new BinaryWriter().raw(toBinary(schema, create(schema, message)));
  for (const item of items) writer.tag(number, WireType.LengthDelimited).bytes(item);
  return writer.finish();
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

function localitiesOf(endpoints: readonly ServiceEndpoint[], priority: number, config: JsonObject | undefined): readonly Uint8Array[] {
  const groups = [...Map.groupBy(endpoints, ({ region, zone }) => JSON.stringify([region, zone]))].sort(([a], [b]) => compare(a, b));
  const weights = groups.map(([, group]) => group.reduce((sum, { weight }) => sum + weight, 0));
  const scale = Math.max(1, weights.reduce((sum, weight) => sum + weight, 0) / maxLocalityWeights);
  return groups.map(([, group], index) => {
    const locality = {
      locality: { region: group[0]?.region ?? "", zone: group[0]?.zone ?? "" },
      // gRPC leaves out a locality without a weight.
      loadBalancingWeight: Math.max(1, Math.floor((weights[index] ?? 0) / scale)),
      priority,
      ...(config && index === 0 && { metadata: { filterMetadata: { meshless: { config } } } }),
    };
    return encodeWith(LocalityLbEndpointsSchema, locality, LocalityLbEndpointsSchema.field.lbEndpoints, group.map(encodedEndpoint));
  });
}

function encodedEndpoint(endpoint: ServiceEndpoint): Uint8Array {
  const known = encodedEndpoints.get(endpoint);
  if (known !== undefined) return known;
  const bytes = toBinary(LbEndpointSchema, create(LbEndpointSchema, lbEndpoint(endpoint)));
  encodedEndpoints.set(endpoint, bytes);
  return bytes;
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
