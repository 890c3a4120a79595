import { isDeepStrictEqual } from "node:util";
import type { ServiceEndpoint, ServicePort, WatchedService } from "./watched-service.ts";

/**
 * What is as it was is the same object, so that nobody has to look at it again: each endpoint, the endpoints of each port, and the whole if nothing is new.
 */
export function keptSame(before: WatchedService | undefined, now: WatchedService): WatchedService {
  if (before === undefined) return now;
  const ports = now.ports.map((port) => keptPort(before.ports.find(isLike(port)), port));
  const arePortsSame = ports.length === before.ports.length && ports.every((port, index) => port === before.ports[index]);
  const areTextsSame = isDeepStrictEqual([now.annotations, now.problems], [before.annotations, before.problems]);
  return arePortsSame && areTextsSame ? before : { ...now, ports };
}

function isLike({ port, name }: ServicePort): (other: ServicePort) => boolean {
  return (other) => other.port === port && other.name === name;
}

function keptPort(before: ServicePort | undefined, now: ServicePort): ServicePort {
  if (before === undefined) return now;
  const known = new Map(before.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const endpoints = now.endpoints.map((endpoint) => kept(known.get(endpoint.id), endpoint));
  const isSame =
    now.affinity === before.affinity &&
    endpoints.length === before.endpoints.length &&
    endpoints.every((endpoint, index) => endpoint === before.endpoints[index]);
  return isSame ? before : { ...now, endpoints };
}

function kept(before: ServiceEndpoint | undefined, now: ServiceEndpoint): ServiceEndpoint {
  return before !== undefined && isSame(before, now) ? before : now;
}

/** By hand: of a service with thousands of endpoints, all are compared at each change. */
function isSame(a: ServiceEndpoint, b: ServiceEndpoint): boolean {
  return (
    a.address === b.address &&
    a.port === b.port &&
    a.health === b.health &&
    a.weight === b.weight &&
    a.priority === b.priority &&
    a.zone === b.zone &&
    a.region === b.region &&
    a.node === b.node &&
    areSame(a.labels, b.labels)
  );
}

function areSame(a: ServiceEndpoint["labels"], b: ServiceEndpoint["labels"]): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
