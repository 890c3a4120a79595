import { signal } from "@preact/signals";
import type { ClientRow, Standing } from "../../../control-plane/src/admin/plane-snapshot.ts";
import { Badge } from "../badge.tsx";
import type { Column } from "../column.ts";
import { count, milliseconds, nothing, span } from "../format.ts";
import type { Badge as Shown } from "../standing.ts";
import { Table } from "../table.tsx";
import { service, snapshot } from "./state.ts";

const filter = signal("");
const opened = signal<string | undefined>(undefined);

const badges: Readonly<Record<Standing, Shown>> = {
  refused: { tone: "bad", icon: "✕", text: "refused (NACK)", rank: 2 },
  behind: { tone: "info", icon: "◔", text: "under way", rank: 1 },
  current: { tone: "good", icon: "●", text: "accepted (ACK)", rank: 0 },
};

const columns: readonly Column<ClientRow>[] = [
  { name: "Client", title: "What it has shown that it is, or else what it says", key: nameOf, cell: nameOf },
  { name: "From", title: "Where its stream comes from", key: ({ peer }) => peer, cell: ({ peer }) => peer },
  { name: "Software", title: "What it says that it runs", key: ({ agent }) => agent, cell: ({ agent }) => agent || nothing },
  { name: "Zone", title: "Where it says that it is", key: ({ zone }) => zone, cell: ({ zone }) => zone || nothing },
  { name: "Asks for", title: "How many endpoints, clusters, listeners and routes", key: asksText, cell: asksText },
  {
    name: "State",
    title: "Whether it has accepted what it was sent",
    isDown: true,
    key: ({ standing }) => badges[standing].rank,
    cell: ({ standing }) => <Badge badge={badges[standing]} />,
  },
  { name: "Version", title: "What it has of the service that is open", key: ({ has }) => has, cell: versionText },
  {
    name: "Took",
    title: "Until it had accepted the latest change, from the registry's word",
    isNumber: true,
    key: ({ propagatedMs }) => propagatedMs,
    cell: ({ propagatedMs }) => milliseconds(propagatedMs),
  },
  { name: "Open for", title: "Its stream", isNumber: true, key: ({ openForMs }) => openForMs, cell: ({ openForMs }) => span(openForMs) },
  {
    name: "Why",
    title: "Why it refuses what it was sent, in its own words",
    key: whyOf,
    cell: (row) => <span title={whyOf(row)}>{whyOf(row) ?? nothing}</span>,
  },
];

/** Those that ask for the service that is open, or all. */
export function ClientTable() {
  const shown = snapshot.value;
  if (shown === undefined) return null;
  const of = shown.service?.name;
  return (
    <Table
      name={of === undefined ? "Clients" : `Clients of ${of}`}
      caption="Each stream, what it asks for, and whether it has accepted what it was sent"
      columns={columns}
      rows={shown.clients}
      leftOut={shown.clientsLeftOut}
      most={undefined}
      sortedBy="State"
      idOf={({ id }) => String(id)}
      textOf={(row) =>
        `${nameOf(row)} ${row.node} ${row.peer} ${row.agent} ${row.zone} ${badges[row.standing].text} ${whyOf(row) ?? ""}`.toLowerCase()
      }
      filter={filter}
      opened={opened}
      details={(row) => <ClientDetails row={row} />}
      attribute="data-client"
      standingOf={({ standing }) => standing}
    />
  );
}

/** What it asks for, type by type. */
function ClientDetails({ row }: { readonly row: ClientRow }) {
  return (
    <dl>
      {row.types.map(({ type, names, wantsAll, standing, refusal }) => (
        <div key={type}>
          <dt>{type}</dt>
          <dd>
            {wantsAll ? "all" : `${count(names)} names`}, {badges[standing].text}
            {refusal !== undefined && `: ${refusal}`}
          </dd>
        </div>
      ))}
      <div>
        <dt>stream</dt>
        <dd>
          {row.variant === "delta" ? "incremental" : "state of the world"}, {count(row.responses)} responses, node {row.node || nothing}
        </dd>
      </div>
    </dl>
  );
}

function nameOf({ identity, node, peer }: ClientRow): string {
  return identity ?? (node || peer);
}

function asksText({ types }: ClientRow): string {
  return types.map(({ type, names, wantsAll }) => `${type} ${wantsAll ? "all" : names}`).join(", ") || nothing;
}

function versionText({ has }: ClientRow) {
  if (has === undefined) return nothing;
  const isCurrent = has === service.value?.version;
  return (
    <span class={isCurrent ? "" : "warn"}>{has === "" ? "none yet" : `${has.slice(0, 8)}${isCurrent ? "" : ", not the latest"}`}</span>
  );
}

function whyOf({ types }: ClientRow): string | undefined {
  return types.find(({ refusal }) => refusal !== undefined)?.refusal;
}
