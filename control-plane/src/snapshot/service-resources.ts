import { ClusterSchema } from "../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ClusterLoadAssignmentSchema } from "../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { ListenerSchema } from "../gen/envoy/config/listener/v3/listener_pb.ts";
import { RouteConfigurationSchema } from "../gen/envoy/config/route/v3/route_pb.ts";
import { packed, packedBytes, Resource, type ResourceTraits } from "../resource.ts";
import type { Service } from "../service.ts";
import { clientConfig } from "./client-config.ts";
import { aggregateCluster, edsCluster } from "./cluster.ts";
import { listener, routes } from "./listener.ts";
import { loadAssignment } from "./load-assignment.ts";

/** What a service is to others, and how clients are to go about it. */
export interface Role {
  /** The service is what its host is without a port. */
  readonly isPrimary: boolean;
  /** Names of those that fall back on it. */
  readonly dependents: readonly string[];
  /** Clients are asked to report their load. */
  readonly reportsLoad: boolean;
  /** How far what tells of its endpoints had read. */
  readonly asOf: bigint | undefined;
}

/**
 * All that is served of a service.
 *
 * @param fallbacks those that there are, in order
 */
export function serviceResources(service: Service, fallbacks: readonly Service[], role: Role): readonly Resource[] {
  const { text, host, port } = service.name;
  const { isPrimary, dependents, reportsLoad, asOf } = role;
  const hasFallback = service.fallback.length > 0;
  const targets = isPrimary ? [text, host] : [text];
  // A port's name is not for gRPC's own clients: it would be in their `:authority`, which servers of connect-node do not survive.
  const names = service.portName === undefined || `${port}` === service.portName ? targets : [...targets, `${host}:${service.portName}`];
  const cluster = hasFallback ? withFallback(text) : text;
  const traits = { services: [text] };
  // What a service with fallbacks needs is always there: clients of gRPC's core fail calls where a fallback is taken away and its clusters go before they
  // hear of the new route. Who may have a service may have what it falls back on.
  const ownTraits = { services: [text, ...dependents], isListed: hasFallback || dependents.length > 0 };
  const eds = (name: string) => packed(ClusterSchema, edsCluster(name, service, reportsLoad));
  const listenerOf = (name: string) => packed(ListenerSchema, listener(name, cluster, service.retry));
  const routesOf = (name: string) => packed(RouteConfigurationSchema, routes(name, cluster, service.retry));
  return [
    new Resource("cluster", text, eds, text, traits),
    new Resource("cluster", own(text), eds, own(text), ownTraits),
    endpointsResource(own(text), [service], { ...ownTraits, asOf }),
    aggregateResource(text, [service, ...fallbacks], { ...traits, isListed: hasFallback }),
    ...names.map((name) => endpointsResource(name, [service, ...fallbacks], { ...traits, asOf })),
    ...targets.flatMap((name) => [
      new Resource("listener", name, listenerOf, undefined, traits),
      new Resource("routes", name, routesOf, undefined, traits),
    ]),
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

function aggregateResource(name: string, services: readonly [Service, ...Service[]], traits: ResourceTraits): Resource {
  const children = services.map(({ name: { text } }) => own(text));
  const encode = (name: string) => packed(ClusterSchema, aggregateCluster(name, children, services[0]));
  return new Resource("cluster", withFallback(name), encode, undefined, traits);
}

function endpointsResource(name: string, services: readonly Service[], traits?: ResourceTraits): Resource {
  const config = services[0] && clientConfig(services[0]);
  const encode = (name: string) => packedBytes(ClusterLoadAssignmentSchema, loadAssignment(name, services, config));
  return new Resource("endpoints", name, encode, undefined, traits);
}
