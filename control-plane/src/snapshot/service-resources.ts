import { ClusterSchema } from "../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ClusterLoadAssignmentSchema } from "../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { ListenerSchema } from "../gen/envoy/config/listener/v3/listener_pb.ts";
import { RouteConfigurationSchema } from "../gen/envoy/config/route/v3/route_pb.ts";
import { packed, Resource } from "../resource.ts";
import type { Service } from "../service.ts";
import { aggregateCluster, edsCluster } from "./cluster.ts";
import { listener, routes } from "./listener.ts";
import { loadAssignment } from "./load-assignment.ts";

/**
 * All that is served of a service.
 *
 * @param fallbacks those that there are, in order
 * @param isPrimary whether the service is what its host is without a port
 */
export function serviceResources(service: Service, fallbacks: readonly Service[], isPrimary: boolean): readonly Resource[] {
  const { text, host, port } = service.name;
  const targets = isPrimary ? [text, host] : [text];
  // A port's name is not for gRPC's own clients: it would be in their `:authority`, which servers of connect-node do not survive.
  const names = service.portName === undefined || `${port}` === service.portName ? targets : [...targets, `${host}:${service.portName}`];
  return [
    ...clustersOf(service, fallbacks),
    ...names.map((name) => endpointsResource(name, [service, ...fallbacks])),
    ...targets.map((name) => new Resource("listener", name, () => packed(ListenerSchema, listener(name, text)))),
    ...targets.map((name) => new Resource("routes", name, () => packed(RouteConfigurationSchema, routes(name, text)))),
  ];
}

/** The endpoints of a name of which nothing is known, for those who have to be told something. */
export function noEndpoints(name: string): Resource {
  return endpointsResource(name, []);
}

/** A service with fallbacks is a cluster of clusters, so that each call counts for the service that answers it. */
function clustersOf(service: Service, fallbacks: readonly Service[]): readonly Resource[] {
  const { text } = service.name;
  if (service.fallback.length === 0) return [edsResource(text)];
  const own = ownCluster(service);
  const children = [own, ...fallbacks.map(ownCluster)];
  const aggregate = new Resource("cluster", text, () => packed(ClusterSchema, aggregateCluster(text, children)));
  return [aggregate, edsResource(own), endpointsResource(own, [service])];
}

/** The cluster that has a service's endpoints and no others. */
function ownCluster({ name, fallback }: Service): string {
  return fallback.length === 0 ? name.text : `${name.text}/own`;
}

function edsResource(name: string): Resource {
  return new Resource("cluster", name, () => packed(ClusterSchema, edsCluster(name)), name);
}

function endpointsResource(name: string, services: readonly Service[]): Resource {
  return new Resource("endpoints", name, () => packed(ClusterLoadAssignmentSchema, loadAssignment(name, services)));
}
