import type { HealthCounts, PlaceCount, ServiceRow } from "../../../control-plane/src/admin/plane-snapshot.ts";
import { Badge } from "../badge.tsx";
import type { Column } from "../column.ts";
import { count, nothing, percent } from "../format.ts";
import { filter, opened } from "../looking.ts";
import type { Badge as Shown } from "../standing.ts";
import { Table } from "../table.tsx";
import { snapshot } from "./state.ts";

const columns: readonly Column<ServiceRow>[] = [
  { name: "Service", title: "Its name, as clients ask for it", key: ({ name }) => name, cell: ({ name }) => name },
  {
    name: "Endpoints",
    title: "Those that serve; those that drain, and those that are unhealthy",
    isNumber: true,
    key: ({ endpoints }) => totalOf(endpoints),
    cell: ({ endpoints }) => healthText(endpoints),
  },
  { name: "Zones", title: "Where they are", key: zonesText, cell: zonesText },
  { name: "Clusters", title: "Those of other clusters have its name", key: clustersText, cell: clustersText },
  { name: "Falls back on", title: "Services that are called where it has nobody left", key: fallbackText, cell: fallbackText },
  {
    name: "Clients",
    title: "Streams that ask for its endpoints",
    isNumber: true,
    key: ({ clients }) => clients.asking,
    cell: ({ clients }) => count(clients.asking),
  },
  {
    name: "State",
    title: "Whether they have it as it is now",
    isDown: true,
    key: (row) => badgeOf(row).rank,
    cell: (row) => <Badge badge={badgeOf(row)} />,
  },
  {
    name: "Calls/s",
    title: "As clients have reported in the last minute",
    isNumber: true,
    key: ({ load }) => load?.callsPerSecond,
    cell: ({ load }) => count(load?.callsPerSecond),
  },
  {
    name: "Success",
    title: "Of those calls",
    isNumber: true,
    key: ({ load }) => load?.successShare,
    cell: ({ load }) => percent(load?.successShare),
  },
];

export function ServiceTable() {
  const shown = snapshot.value;
  if (shown === undefined) return null;
  return (
    <Table
      name="Services"
      caption="Each service, its endpoints, and who asks for them"
      columns={columns}
      rows={shown.services}
      leftOut={shown.servicesLeftOut}
      most={undefined}
      sortedBy="State"
      idOf={({ name }) => name}
      textOf={(row) => `${row.name} ${zonesText(row)} ${clustersText(row)} ${badgeOf(row).text}`.toLowerCase()}
      filter={filter}
      opened={opened}
      attribute="data-service"
      standingOf={(row) => badgeOf(row).text}
    />
  );
}

function badgeOf({ endpoints, clients }: ServiceRow): Shown {
  if (clients.refusing > 0) return { tone: "bad", icon: "✕", text: `refused by ${clients.refusing}`, rank: 4 };
  if (totalOf(endpoints) === 0) return { tone: "warn", icon: "○", text: "no endpoints", rank: 3 };
  if (endpoints.healthy === 0) return { tone: "warn", icon: "▲", text: "nobody serves", rank: 3 };
  if (clients.behind > 0) return { tone: "info", icon: "◔", text: `${clients.behind} behind`, rank: 2 };
  if (clients.asking === 0) return { tone: "muted", icon: "·", text: "nobody asks", rank: 0 };
  return { tone: "good", icon: "●", text: "current", rank: 1 };
}

function totalOf({ healthy, draining, unhealthy }: HealthCounts): number {
  return healthy + draining + unhealthy;
}

function healthText({ healthy, draining, unhealthy }: HealthCounts): string {
  const others = [draining > 0 && `${draining} draining`, unhealthy > 0 && `${unhealthy} unhealthy`].filter(Boolean);
  return [String(healthy), ...others].join(", ");
}

function zonesText({ places }: ServiceRow): string {
  return sumsText(places, ({ zone }) => zone);
}

function clustersText({ places }: ServiceRow): string {
  const names = new Set(places.map(({ cluster }) => cluster));
  return names.size === 1 && names.has("") ? nothing : sumsText(places, ({ cluster }) => cluster || "own");
}

function fallbackText({ fallback }: ServiceRow): string {
  return fallback.join(", ") || nothing;
}

/** As `eu-1a 10, eu-1b 10`. */
function sumsText(places: readonly PlaceCount[], nameOf: (place: PlaceCount) => string): string {
  const sums = Map.groupBy(places, nameOf);
  const texts = [...sums].map(([name, same]) => `${name || "unknown"} ${same.reduce((sum, { endpoints }) => sum + totalOf(endpoints), 0)}`);
  return texts.sort((one, other) => one.localeCompare(other, "en", { numeric: true })).join(", ") || nothing;
}
