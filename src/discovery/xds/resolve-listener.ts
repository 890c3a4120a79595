import type { Endpoint } from "../../endpoint.ts";
import { idAmong } from "./id-among.ts";
import type { Lookup, Resolution } from "./resolution.ts";
import { unusable, waiting } from "./resolution.ts";
import { resolveCluster } from "./resolve-cluster.ts";
import type { XdsForward, XdsRoutes } from "./to-routes.ts";
import { withRetryRules } from "./to-service-config.ts";
import { findVirtualHost } from "./virtual-host.ts";
import { listenerKind, routesKind } from "./xds-kinds.ts";

/** From the listener by the target's name to the endpoints, as gRPC's clients go. */
export function resolveListener(lookup: Lookup, name: string): Resolution {
  const listener = lookup(listenerKind, name);
  if (listener.kind !== "found") return listener.kind === "missing" ? listener : waiting;
  const { routes } = listener.value;
  if (routes.kind === "routes") return resolveRoutes(lookup, routes, name);
  const named = lookup(routesKind, routes.name);
  if (named.kind === "waiting") return waiting;
  if (named.kind === "missing")
    return unusable(`there are no routes by the name ${JSON.stringify(routes.name)}, though the listener refers to them`);
  return resolveRoutes(lookup, named.value, name);
}

/** One set of endpoints takes all calls of a transport, so that one route has to. */
function resolveRoutes(lookup: Lookup, routes: XdsRoutes, name: string): Resolution {
  const host = findVirtualHost(routes, name);
  if (host === undefined) return unusable(`no virtual host of the routes is for ${JSON.stringify(name)}`);
  const [first] = host.routes;
  if (first === undefined) return unusable(`the virtual host for ${JSON.stringify(name)} has no route`);
  if (first.kind === "unsupported") return unusable(`its ${first.reason}, which is not followed`);
  const takesAll = first.path.kind === "prefix" && (first.path.text === "" || first.path.text === "/") && first.share === 1;
  if (!takesAll) return unusable("its routes tell methods apart, which is not followed: the first one has to take all calls");
  const resolution = resolveClusters(lookup, first.clusters);
  return resolution.kind === "resolved" ? { ...resolution, config: withRetryRules(resolution.config, first.retry) } : resolution;
}

function resolveClusters(lookup: Lookup, clusters: XdsForward["clusters"]): Resolution {
  const parts = clusters.map(({ name, weight }) => ({ name, weight, part: resolveCluster(lookup, name) }));
  const first = parts.find(({ part }) => part.kind !== "resolved")?.part ?? parts[0]?.part;
  if (parts.length < 2 || first?.kind !== "resolved") return first ?? unusable("its route leads to no cluster");
  const endpoints = new Map<string, Endpoint>();
  for (const { name, weight, part } of parts) {
    for (const endpoint of part.kind === "resolved" ? weighted(part.endpoints, weight) : []) {
      const id = idAmong(endpoints, endpoint, name);
      const before = endpoints.get(id);
      endpoints.set(id, before === undefined ? { ...endpoint, id } : { ...before, weight: before.weight + endpoint.weight });
    }
  }
  return { kind: "resolved", endpoints: [...endpoints.values()], config: first.config };
}

/** Divides a cluster's weight among its endpoints, at each priority. */
function weighted(endpoints: readonly Endpoint[], weight: number): readonly Endpoint[] {
  const sums = new Map<number, number>();
  for (const { priority, weight: own } of endpoints) sums.set(priority, (sums.get(priority) ?? 0) + own);
  return endpoints.map((endpoint) => ({ ...endpoint, weight: (endpoint.weight * weight) / (sums.get(endpoint.priority) ?? 1) }));
}
