import { create, type DescMessage, type JsonObject, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { encodedField } from "../encoded-field.ts";
import { LocalityLbEndpointsSchema } from "../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { ClusterLoadAssignmentSchema } from "../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { addressText, type Service, type ServiceEndpoint } from "../service.ts";
import type { EncodedLocality } from "./encoded-locality.ts";
import { localitiesOf } from "./service-localities.ts";

/** What clients bear. */
const maxPriorities = 128;
const maxLocalityWeights = 2 ** 32 - 1;

/**
 * The endpoints of services as xDS has them, encoded: the first service's own priorities, then those of each fallback. Clients refuse gaps in
 * priorities, an address or an id twice, and a locality twice in a priority; so there are none, whatever the services are. In the same order on each replica.
 *
 * @param config how they are called: in the metadata of the first locality, where nobody but our own clients looks
 */
export function loadAssignment(name: string, services: readonly Service[], config?: JsonObject): Uint8Array {
  const { number } = ClusterLoadAssignmentSchema.field.endpoints;
  const priorities = distinct(services).flatMap((endpoints) => byPriority(localitiesOf(endpoints)));
  const localities = priorities.slice(0, maxPriorities).flatMap((group, priority) => encodedLocalities(group, priority, config));
  const fields = localities.map((locality) => encodedField(number, locality));
  return encodeWith(ClusterLoadAssignmentSchema, { clusterName: name }, fields);
}

/** A message, and fields of it that are encoded already. */
function encodeWith<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>, fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([toBinary(schema, create(schema, message)), ...fields]);
}

/** An address belongs to the first service that has it, and so does an id: another endpoint that has it as well is known by its service, too. */
function distinct([first, ...others]: readonly Service[]): readonly (readonly ServiceEndpoint[])[] {
  if (first === undefined) return [];
  if (others.length === 0) return [first.endpoints];
  const addresses = new Set(first.endpoints.map(addressText));
  const ids = new Set(first.endpoints.map(({ id }) => id));
  const rest = others.map(({ name, endpoints }) => {
    const ones = endpoints
      .filter((endpoint) => !addresses.has(addressText(endpoint)))
      .map((endpoint) => (ids.has(endpoint.id) ? renamed(endpoint, `${name.text} ${endpoint.id}`) : endpoint));
    for (const endpoint of ones) {
      addresses.add(addressText(endpoint));
      ids.add(endpoint.id);
    }
    return ones;
  });
  return [first.endpoints, ...rest];
}

/** They stay the same objects, by which it is known what has changed. */
const knownRenamed = new WeakMap<ServiceEndpoint, ServiceEndpoint>();

function renamed(endpoint: ServiceEndpoint, id: string): ServiceEndpoint {
  const known = knownRenamed.get(endpoint);
  if (known?.id === id) return known;
  const made = { ...endpoint, id };
  knownRenamed.set(endpoint, made);
  return made;
}

function byPriority(localities: readonly EncodedLocality[]): readonly (readonly EncodedLocality[])[] {
  return [...Map.groupBy(localities, ({ place }) => place.priority).values()];
}

function encodedLocalities(localities: readonly EncodedLocality[], priority: number, config?: JsonObject): readonly Uint8Array[] {
  const total = localities.reduce((sum, { weight }) => sum + weight, 0);
  const scale = Math.max(1, total / maxLocalityWeights);
  return localities.map(({ place: { region, zone }, weight, bytes }, index) => {
    const locality = {
      locality: { region, zone },
      // gRPC leaves out a locality without a weight.
      loadBalancingWeight: Math.max(1, Math.floor(weight / scale)),
      priority,
      ...(config && priority === 0 && index === 0 && { metadata: { filterMetadata: { meshless: { config } } } }),
    };
    return encodeWith(LocalityLbEndpointsSchema, locality, [bytes]);
  });
}
