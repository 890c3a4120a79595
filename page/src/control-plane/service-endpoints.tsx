import { signal } from "@preact/signals";
import type { ServiceDetails } from "../../../control-plane/src/admin/plane-snapshot.ts";
import { Badge } from "../badge.tsx";
import type { Column } from "../column.ts";
import { count, nothing, percent } from "../format.ts";
import type { Badge as Shown } from "../standing.ts";
import { Table } from "../table.tsx";
import { service } from "./state.ts";

type Endpoint = ServiceDetails["endpoints"][number];

const filter = signal("");
const opened = signal<string | undefined>(undefined);

const badges: Readonly<Record<Endpoint["health"], Shown>> = {
  healthy: { tone: "good", icon: "●", text: "healthy", rank: 0 },
  draining: { tone: "warn", icon: "↘", text: "draining", rank: 1 },
  unhealthy: { tone: "bad", icon: "✕", text: "unhealthy", rank: 2 },
};

const columns: readonly Column<Endpoint>[] = [
  { name: "Endpoint", title: "Its id", key: ({ id }) => id, cell: ({ id }) => id },
  { name: "Address", title: "Where it listens", key: addressOf, cell: addressOf },
  { name: "Zone", title: "Where it runs", key: ({ zone }) => zone, cell: ({ zone }) => zone || nothing },
  { name: "Region", title: "Where it runs", key: ({ region }) => region, cell: ({ region }) => region || nothing },
  { name: "Cluster", title: "Another one than the control plane's", key: clusterOf, cell: (row) => clusterOf(row) || nothing },
  {
    name: "Health",
    title: "As the registry says",
    isDown: true,
    key: ({ health }) => badges[health].rank,
    cell: ({ health }) => <Badge badge={badges[health]} />,
  },
  { name: "Weight", title: "Relative to the others", isNumber: true, key: ({ weight }) => weight, cell: ({ weight }) => count(weight) },
  { name: "Priority", title: "0 is preferred", isNumber: true, key: ({ priority }) => priority, cell: ({ priority }) => count(priority) },
  { name: "Labels", title: "As the registry has them", key: labelsOf, cell: (row) => labelsOf(row) || nothing },
];

/** The endpoints of the service that is open. */
export function ServiceEndpoints() {
  const shown = service.value;
  if (shown === undefined) return null;
  return (
    <>
      <LoadByZone shown={shown} />
      <Table
        name={`Endpoints of ${shown.name}`}
        caption="Each endpoint of the service that is open, as clients are told of it"
        columns={columns}
        rows={shown.endpoints}
        leftOut={shown.endpointsLeftOut}
        most={undefined}
        sortedBy="Health"
        idOf={({ id }) => id}
        textOf={(row) =>
          `${row.id} ${addressOf(row)} ${row.zone} ${row.region} ${clusterOf(row)} ${row.health} ${labelsOf(row)}`.toLowerCase()
        }
        filter={filter}
        opened={opened}
        attribute="data-endpoint"
        standingOf={({ health }) => health}
      />
    </>
  );
}

/** What clients report of its calls. */
function LoadByZone({ shown: { loadByZone } }: { readonly shown: ServiceDetails }) {
  if (loadByZone.length === 0) return null;
  return (
    <section class="card">
      <header>
        <h2>Calls, as clients report them</h2>
      </header>
      <table class="settings">
        <tbody>
          {loadByZone.map(({ region, zone, callsPerSecond, successShare }) => (
            <tr key={`${region} ${zone}`} data-load-zone={zone}>
              <th scope="row">{[region, zone].filter(Boolean).join(", ") || "zone unknown"}</th>
              <td>{count(callsPerSecond)}/s</td>
              <td>{percent(successShare)} succeed</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function addressOf({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function clusterOf({ labels }: Endpoint): string {
  return labels.cluster ?? "";
}

function labelsOf({ labels }: Endpoint): string {
  return Object.entries(labels)
    .filter(([name]) => name !== "cluster")
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}
