import type { Endpoint } from "../../endpoint.ts";
import { idAmong } from "./id-among.ts";
import type { Lookup, Resolution } from "./resolution.ts";
import { unusable, waiting } from "./resolution.ts";
import { overprovisioning } from "./resolve-endpoints.ts";
import type { XdsCluster } from "./to-cluster.ts";
import { toServiceConfig } from "./to-service-config.ts";
import { clusterKind, endpointsKind } from "./xds-kinds.ts";

/** As in gRPC (A37). */
const maxDepth = 16;
const maxPriority = 127;

/** How a cluster of clusters was reached. Each is taken once, or a few that name each other would take forever. */
interface ClusterPath {
  readonly seen: Set<string>;
  readonly depth: number;
}

/** The endpoints of a cluster, and how it is called. */
export function resolveCluster(lookup: Lookup, name: string, path: ClusterPath = { seen: new Set(), depth: 0 }): Resolution {
  path.seen.add(name);
  const known = lookup(clusterKind, name);
  if (known.kind === "waiting") return waiting;
  if (known.kind === "missing") return unusable(`there is no cluster ${JSON.stringify(name)}, though it is referred to`);
  const cluster = known.value;
  const { source } = cluster;
  switch (source.kind) {
    case "eds":
      return resolveEds(lookup, cluster, source.serviceName);
    case "static":
      return { kind: "resolved", endpoints: source.endpoints, config: toServiceConfig(cluster) };
    case "aggregate":
      return resolveAggregate(lookup, cluster, source.clusters, path);
    case "dns":
      return unusable(`cluster ${JSON.stringify(name)} has its endpoints from DNS, which is not followed; use a dns: target`);
  }
}

function resolveEds(lookup: Lookup, cluster: XdsCluster, serviceName: string): Resolution {
  const known = lookup(endpointsKind, serviceName);
  if (known.kind === "waiting") return waiting;
  if (known.kind === "missing")
    return unusable(`there are no endpoints by the name ${JSON.stringify(serviceName)}, though a cluster refers to them`);
  const { endpoints, overprovisioningFactor, config } = known.value;
  return { kind: "resolved", endpoints, config: { ...config, ...toServiceConfig(cluster), ...overprovisioning(overprovisioningFactor) } };
}

/** The clusters one after the other, as priorities. One that can't be used is left out, as long as another can. */
function resolveAggregate(lookup: Lookup, { name, ...cluster }: XdsCluster, names: readonly string[], path: ClusterPath): Resolution {
  const { seen, depth } = path;
  if (depth >= maxDepth) return unusable(`cluster ${JSON.stringify(name)} is nested deeper than ${maxDepth}`);
  const parts = names.flatMap((part) => (seen.has(part) ? [] : [{ part, ...resolveCluster(lookup, part, { seen, depth: depth + 1 }) }]));
  if (parts.some(({ kind }) => kind === "waiting")) return waiting;
  const resolved = parts.filter((part) => part.kind === "resolved");
  if (resolved.length === 0) return parts[0] ?? unusable(`cluster ${JSON.stringify(name)} is made of itself`);
  const endpoints = new Map<string, Endpoint>();
  let base = 0;
  for (const { part, endpoints: its } of resolved) {
    const levels = its.reduce((most, { priority }) => Math.max(most, priority + 1), 0);
    for (const endpoint of its) {
      const id = idAmong(endpoints, endpoint, part);
      // Who is in two of them is in the first.
      if (!endpoints.has(id)) endpoints.set(id, { ...endpoint, id, priority: Math.min(base + endpoint.priority, maxPriority) });
    }
    base += levels;
  }
  return { kind: "resolved", endpoints: inARow([...endpoints.values()]), config: { ...resolved[0]?.config, ...toServiceConfig(cluster) } };
}

/** Without gaps between the priorities, which those who were left out may have made. */
function inARow(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const levels = [...new Set(endpoints.map(({ priority }) => priority))].sort((a, b) => a - b);
  return endpoints.map((endpoint) => ({ ...endpoint, priority: levels.indexOf(endpoint.priority) }));
}
