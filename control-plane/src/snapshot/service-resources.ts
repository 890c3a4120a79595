import { ClusterSchema } from "../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ClusterLoadAssignmentSchema } from "../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { ListenerSchema } from "../gen/envoy/config/listener/v3/listener_pb.ts";
import { RouteConfigurationSchema } from "../gen/envoy/config/route/v3/route_pb.ts";
import { packed, packedBytes, Resource } from "../resource.ts";
import type { Service } from "../service.ts";
import { aggregateCluster, edsCluster } from "./cluster.ts";
import { listener, routes } from "./listener.ts";
import { loadAssignment } from "./load-assignment.ts";

/** What a service is to others. */
export interface Role {
  /** The service is what its host is without a port. */
  readonly isPrimary: boolean;
  /** Others fall back on it. */
  readonly isFallback: boolean;
}

/**
 * All that is served of a service.
 *
 * @param fallbacks those that there are, in order
 */
export function serviceResources(service: Service, fallbacks: readonly Service[], { isPrimary, isFallback }: Role): readonly Resource[] {
  const { text, host, port } = service.name;
  const hasFallback = service.fallback.length > 0;
  const targets = isPrimary ? [text, host] : [text];
  // A port's name is not for gRPC's own clients: it would be in their `:authority`, which servers of connect-node do not survive.
  const names = service.portName === undefined || `${port}` === service.portName ? targets : [...targets, `${host}:${service.portName}`];
  const cluster = hasFallback ? withFallback(text) : text;
  return [
    edsResource(text),
    ...(hasFallback ? [aggregateResource(text, [service, ...fallbacks])] : []),
    ...(hasFallback || isFallback ? [edsResource(own(text)), endpointsResource(own(text), [service])] : []),
    ...names.map((name) => endpointsResource(name, [service, ...fallbacks])),
    ...targets.map((name) => new Resource("listener", name, () => packed(ListenerSchema, listener(name, cluster)))),
    ...targets.map((name) => new Resource("routes", name, () => packed(RouteConfigurationSchema, routes(name, cluster)))),
  ];
}

/** The endpoints of a name of which nothing is known, for those who have to be told something. */
export function noEndpoints(name: string): Resource {
  return endpointsResource(name, []);
}

/** The cluster, and the endpoints, that are a service's own, as opposed to those of its fallbacks. */
function own(name: string): string {
  return `${name}/own`;
}

/**
 * The cluster of clusters by which a service has fallbacks, so that each call counts for the service that answers it. It has a name of its own, since a
 * cluster of one name must not change its kind: the core of gRPC dies of that.
 */
function withFallback(name: string): string {
  return `${name}/fallback`;
}

function aggregateResource(name: string, services: readonly Service[]): Resource {
  const children = services.map(({ name: { text } }) => own(text));
  return new Resource("cluster", withFallback(name), () => packed(ClusterSchema, aggregateCluster(withFallback(name), children)));
}

function edsResource(name: string): Resource {
  return new Resource("cluster", name, () => packed(ClusterSchema, edsCluster(name)), name);
}

function endpointsResource(name: string, services: readonly Service[]): Resource {
  return new Resource("endpoints", name, () => packedBytes(ClusterLoadAssignmentSchema, loadAssignment(name, services)));
}
