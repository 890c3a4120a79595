import type { RecentLoad } from "../load/recent-load.ts";
import type { ResourceView } from "../resource.ts";
import type { Service, ServiceEndpoint } from "../service.ts";
import type { OpenStream } from "../xds/open-stream.ts";
import type { ClientCounts, HealthCounts, Place, PlaceCount, ServiceRow } from "./plane-snapshot.ts";

/** What there is of a service, apart from who asks for it. */
type Known = Pick<ServiceRow, "endpoints" | "places">;

/** Services are immutable, and most stay from look to look. */
const known = new WeakMap<Service, Known>();

/** In the order of their names, those first that somebody refuses, or asks for. */
export function serviceRows(
  services: ReadonlyMap<string, Service>,
  asked: ReadonlyMap<string, ClientCounts>,
  load: RecentLoad,
): ServiceRow[] {
  const rows = services.values().map((service) => rowOf(service, asked.get(service.name.text) ?? nobody, load));
  const rank = ({ clients }: ServiceRow) => (clients.refusing > 0 ? 0 : clients.asking > 0 ? 1 : 2);
  return [...rows].sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
}

const nobody: ClientCounts = { asking: 0, refusing: 0, behind: 0 };

function rowOf(service: Service, clients: ClientCounts, load: RecentLoad): ServiceRow {
  const { name, portName, fallback } = service;
  const reported = load.of(name.text);
  return {
    name: name.text,
    ...(portName !== undefined && { portName }),
    fallback,
    ...knownOf(service),
    clients,
    ...(reported !== undefined && { load: reported }),
  };
}

function knownOf(service: Service): Known {
  const before = known.get(service);
  if (before !== undefined) return before;
  const { endpoints } = service;
  const places = Map.groupBy(endpoints, (endpoint) => JSON.stringify(placeOf(endpoint)));
  const counted = [...places].map(([place, there]): PlaceCount => ({ ...(JSON.parse(place) as Place), endpoints: byHealth(there) }));
  const now = { endpoints: byHealth(endpoints), places: counted.sort((one, other) => totalOf(other.endpoints) - totalOf(one.endpoints)) };
  known.set(service, now);
  return now;
}

/** Endpoints of other clusters have its name for a label. */
function placeOf({ region, zone, labels }: ServiceEndpoint): Place {
  return { region, zone, cluster: labels.cluster ?? "" };
}

function byHealth(endpoints: readonly ServiceEndpoint[]): HealthCounts {
  const counts = { healthy: 0, draining: 0, unhealthy: 0 };
  for (const { health } of endpoints) counts[health]++;
  return counts;
}

function totalOf({ healthy, draining, unhealthy }: HealthCounts): number {
  return healthy + draining + unhealthy;
}

/** By service, how many streams ask for its endpoints, by whichever of its names. */
export function askedFor(streams: Iterable<OpenStream>, view: ResourceView): ReadonlyMap<string, ClientCounts> {
  const counts = new Map<string, { asking: number; refusing: number; behind: number }>();
  for (const { machine } of streams) {
    const state = machine.types.get("endpoints");
    for (const name of state?.subscribed ?? []) {
      const service = view.get("endpoints", name)?.services[0];
      if (state === undefined || service === undefined) continue;
      const count = counts.get(service) ?? { ...nobody };
      counts.set(service, count);
      count.asking++;
      if (state.refusal !== undefined) count.refusing++;
      else if (state.isUnderWay || state.pending.has(name) || state.owed.has(name)) count.behind++;
    }
  }
  return counts;
}
