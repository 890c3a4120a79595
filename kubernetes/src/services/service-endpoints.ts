import { isIP } from "node:net";
import { isOlder } from "../reflector/resource-version.ts";
import type { EndpointSlice, SliceEndpoint } from "./read-endpoint-slice.ts";
import type { Pod } from "./read-pod.ts";
import type { KubernetesService, NamedPort } from "./read-service.ts";
import type { ServiceEndpoint, ServicePort } from "./watched-service.ts";

/** An endpoint of one slice, at one port. */
interface Candidate extends SliceEndpoint {
  readonly id: string;
  /** Address and port. */
  readonly at: string;
  readonly port: number;
  readonly slice: EndpointSlice;
  readonly rank: number;
}

/** Ranks of candidates: the best one that any has gets the calls. */
const ready = 0;
const draining = 1;
const notReady = 2;
const unusable = Number.POSITIVE_INFINITY;

/** Who serves at a port, and with whom of them calls stay. */
export type PortEndpoints = Pick<ServicePort, "endpoints" | "affinity">;

/**
 * The endpoints of one port of a Service, by the rules of kube-proxy: those that are ready; if none is, those that terminate and still serve. The latter are
 * draining as long as others are ready, so that clients let calls there end.
 *
 * An endpoint may be in several slices: while it moves from one to another, and by its addresses of both families. It counts once. Hints count where all that
 * are ready have them.
 */
export function serviceEndpoints(
  service: KubernetesService,
  port: NamedPort,
  slices: readonly EndpointSlice[],
  pods: ReadonlyMap<string, Pod>,
): PortEndpoints {
  const candidates = slices.flatMap((slice) => candidatesOf(service, port, slice));
  const [preferred] = service.families;
  const byId = bestBy(
    candidates,
    ({ id }) => id,
    (a, b) => {
      if (a.slice.family !== b.slice.family) return a.slice.family === preferred;
      return isOlder(b.slice.version, a.slice.version);
    },
  );
  const usable = byId.filter(({ rank }) => rank !== unusable);
  // An address that went from one pod to another is the other's.
  const distinct = bestBy(
    usable,
    ({ at }) => at,
    (a, b) => a.rank < b.rank || (a.rank === b.rank && isOlder(b.slice.version, a.slice.version)),
  );
  const best = distinct.reduce((least, { rank }) => Math.min(least, rank), notReady);
  // In an order of their own, so that an endpoint that moves to another slice makes no difference.
  const sorted = distinct.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const hinted = hintedTo(sorted.filter(({ rank }) => rank === ready));
  return {
    endpoints: sorted.map((candidate) => toEndpoint(candidate, best, hinted.zones, pods.get(candidate.podUid ?? ""))),
    affinity: service.isNodeLocal ? "nodeOnly" : hinted.nodes ? "node" : "zone",
  };
}

function hintedTo(candidates: readonly Candidate[]): { readonly zones: boolean; readonly nodes: boolean } {
  const zones = candidates.length > 0 && candidates.every(({ forZones }) => forZones.length > 0);
  return { zones, nodes: candidates.length > 0 && candidates.every(({ isForNodes }) => isForNodes) };
}

/** Of slices, which don't change: where one of hundreds is replaced, those of the others are at hand. */
const known = new WeakMap<EndpointSlice, Map<string, readonly Candidate[]>>();

function candidatesOf(service: KubernetesService, port: NamedPort, slice: EndpointSlice): readonly Candidate[] {
  const ofSlice = known.get(slice) ?? new Map<string, readonly Candidate[]>();
  known.set(slice, ofSlice);
  const key = JSON.stringify([port.name, service.publishesNotReady, service.families]);
  const candidates = ofSlice.get(key) ?? newCandidates(service, port, slice);
  ofSlice.set(key, candidates);
  return candidates;
}

function newCandidates(service: KubernetesService, { name }: NamedPort, slice: EndpointSlice): readonly Candidate[] {
  // By name: each slice has a number of its own, where pods have given it different ones.
  const port = slice.ports.find((each) => each.name === name && each.protocol === "TCP")?.port;
  if (port === undefined) return [];
  return slice.endpoints
    .filter((endpoint) => isCounted(service, slice, endpoint))
    .map((endpoint) => {
      const at = addressText(endpoint.address, port);
      const id = endpoint.podUid === undefined ? at : `${endpoint.podUid}:${port}`;
      return { ...endpoint, id, at, port, slice, rank: rankOf(endpoint, service) };
    });
}

/** With addresses of two families, and no pod by which they would be known to be one endpoint, those of the preferred family count. */
function isCounted({ families }: KubernetesService, { family }: EndpointSlice, { podUid }: SliceEndpoint): boolean {
  return podUid !== undefined || families.length < 2 || family === families[0];
}

/** Where pods that are not ready are wanted, Kubernetes calls all of them ready. */
function rankOf({ ready: isReady, serving, terminating }: SliceEndpoint, { publishesNotReady }: KubernetesService): number {
  if (publishesNotReady ? serving && !terminating : isReady) return ready;
  if (serving && terminating) return draining;
  return publishesNotReady ? notReady : unusable;
}

function bestBy(
  candidates: readonly Candidate[],
  keyOf: (candidate: Candidate) => string,
  isBetter: (a: Candidate, b: Candidate) => boolean,
): readonly Candidate[] {
  const best = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const key = keyOf(candidate);
    const other = best.get(key);
    if (other === undefined || isBetter(candidate, other)) best.set(key, candidate);
  }
  return [...best.values()];
}

function toEndpoint(candidate: Candidate, best: number, heedsHints: boolean, pod: Pod | undefined): ServiceEndpoint {
  const { id, address, port, zone, node, hostname, rank, slice } = candidate;
  const shard = pod?.settings.shard ?? slice.settings.shard;
  const weight = pod?.settings.weight ?? slice.settings.weight ?? 1;
  const health = rank === best ? "healthy" : rank === draining ? "draining" : "unhealthy";
  const forZones = heedsHints ? candidate.forZones.toSorted().join(",") : zone;
  const labels = {
    ...(hostname !== "" && { hostname }),
    ...(shard !== undefined && { shard }),
    ...(slice.cluster !== "" && { cluster: slice.cluster }),
    // Its own zone is what clients prefer in any case.
    ...(forZones !== zone && { forZones }),
  };
  return { id, address, port, region: slice.cluster, zone, node, weight, priority: 0, health, labels };
}

function addressText(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
