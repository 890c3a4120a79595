import { create, type JsonObject, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { encodedField } from "../encoded-field.ts";
import { HealthStatus } from "../gen/envoy/config/core/v3/health_check_pb.ts";
import { LbEndpointSchema, LocalityLbEndpointsSchema } from "../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { addressText, type ServiceEndpoint } from "../service.ts";
import { compare } from "./endpoint-order.ts";

const healthOf = { healthy: HealthStatus.HEALTHY, unhealthy: HealthStatus.UNHEALTHY, draining: HealthStatus.DRAINING } as const;

const encoded = new WeakMap<ServiceEndpoint, Uint8Array>();

/** An endpoint as the field of its locality that it is: once in its life. */
export function encodedEndpoint(endpoint: ServiceEndpoint): Uint8Array {
  const known = encoded.get(endpoint);
  if (known !== undefined) return known;
  const { number } = LocalityLbEndpointsSchema.field.lbEndpoints;
  const bytes = encodedField(number, toBinary(LbEndpointSchema, create(LbEndpointSchema, lbEndpoint(endpoint))));
  encoded.set(endpoint, bytes);
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
