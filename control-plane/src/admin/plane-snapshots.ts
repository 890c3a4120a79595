import type { Clock } from "../clock.ts";
import type { RecentLoad } from "../load/recent-load.ts";
import type { ResourceView } from "../resource.ts";
import type { Service } from "../service.ts";
import type { OpenStream } from "../xds/open-stream.ts";
import { clientRows, versionsOf } from "./client-rows.ts";
import type { ClientRow, PlaneSnapshot, RegistryState, ServiceDetails } from "./plane-snapshot.ts";
import type { RecentPropagation } from "./recent-propagation.ts";
import { askedFor, serviceRows } from "./service-rows.ts";

/** Of each list; more are counted. */
const maxListed = 1_000;

export interface PlaneParts {
  readonly view: ResourceView;
  readonly services: ReadonlyMap<string, Service>;
  readonly streams: ReadonlySet<OpenStream>;
  readonly registry: () => RegistryState;
  readonly propagation: RecentPropagation;
  readonly load: RecentLoad;
  readonly clock: Clock;
}

/**
 * All that a control plane knows, at one moment.
 *
 * @param query `service`: of which there is more to be told, as long as there is one of that name
 */
export function planeSnapshot(parts: PlaneParts, query: URLSearchParams): Omit<PlaneSnapshot, "nextInMs"> {
  const { view, services, streams, registry, propagation, load, clock } = parts;
  const service = query.get("service");
  const details = service === null ? undefined : detailsOf(service, parts);
  const rows = serviceRows(services, askedFor(streams, view), load);
  const clients = clientRows(streams, clock.now());
  const versions = details && versionsOf(details.name, streams, view);
  const shown = versions === undefined ? clients : withVersions(clients, versions);
  return {
    version: 1,
    process: { pid: process.pid, node: process.version, upForMs: Math.round(process.uptime() * 1_000) },
    registry: registry(),
    streams: streams.size,
    refusing: clients.filter(({ standing }) => standing === "refused").length,
    behind: clients.filter(({ standing }) => standing === "behind").length,
    propagation: propagation.figures(),
    load: load.all(),
    services: rows.slice(0, maxListed),
    servicesLeftOut: Math.max(0, rows.length - maxListed),
    clients: shown.slice(0, maxListed),
    clientsLeftOut: Math.max(0, shown.length - maxListed),
    ...(details !== undefined && { service: details }),
  };
}

function detailsOf(name: string, { services, view, load }: PlaneParts): ServiceDetails | undefined {
  const service = services.get(name);
  if (service === undefined) return undefined;
  const { endpoints } = service;
  return {
    name,
    version: view.get("endpoints", name)?.version ?? "",
    endpoints: endpoints.slice(0, maxListed),
    endpointsLeftOut: Math.max(0, endpoints.length - maxListed),
    loadByZone: load.byZone(name),
  };
}

function withVersions(clients: readonly ClientRow[], versions: ReadonlyMap<number, string>): readonly ClientRow[] {
  return clients.flatMap((client) => {
    const has = versions.get(client.id);
    return has === undefined ? [] : [{ ...client, has }];
  });
}
