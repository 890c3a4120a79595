import { createRegistry, fromBinary, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ClusterSchema } from "../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ClusterLoadAssignmentSchema } from "../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { ListenerSchema } from "../gen/envoy/config/listener/v3/listener_pb.ts";
import { RouteConfigurationSchema } from "../gen/envoy/config/route/v3/route_pb.ts";
import { ClusterConfigSchema } from "../gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.ts";
import { RouterSchema } from "../gen/envoy/extensions/filters/http/router/v3/router_pb.ts";
import { HttpConnectionManagerSchema } from "../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts";
import { ClusterProvidedSchema } from "../gen/envoy/extensions/load_balancing_policies/cluster_provided/v3/cluster_provided_pb.ts";
import { LeastRequestSchema } from "../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.ts";
import { RoundRobinSchema } from "../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin_pb.ts";
import { SubsetSchema } from "../gen/envoy/extensions/load_balancing_policies/subset/v3/subset_pb.ts";
import { WrrLocalitySchema } from "../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality_pb.ts";
import { HttpProtocolOptionsSchema } from "../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts";
import type { Resource } from "../resource.ts";

const schemas = {
  cluster: ClusterSchema,
  endpoints: ClusterLoadAssignmentSchema,
  listener: ListenerSchema,
  routes: RouteConfigurationSchema,
} as const;
/** Of what is packed into others. */
const registry = createRegistry(
  ClusterConfigSchema,
  ClusterProvidedSchema,
  HttpConnectionManagerSchema,
  HttpProtocolOptionsSchema,
  LeastRequestSchema,
  RoundRobinSchema,
  RouterSchema,
  SubsetSchema,
  WrrLocalitySchema,
);

/** A resource for people to read. */
export function resourceJson({ type, any }: Resource): JsonValue {
  const schema = schemas[type];
  return toJson(schema, fromBinary(schema, any.value), { registry });
}
