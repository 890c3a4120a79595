import type { DebuggedEndpoint } from "../../src/debug/debug-snapshot.ts";
import { columns, whyOf } from "./columns.tsx";
import { EndpointDetails } from "./endpoint-details.tsx";
import { filter, opened } from "./looking.ts";
import { badgeOf } from "./standing.ts";
import { pointed, transport } from "./state.ts";
import { Table } from "./table.tsx";

function textOf(row: DebuggedEndpoint): string {
  const { id, address, port, locality } = row.endpoint;
  return `${id} ${address}:${port} ${locality?.zone ?? ""} ${badgeOf(row).text} ${whyOf(row)}`.toLowerCase();
}

export function EndpointTable() {
  const shown = transport.value;
  if (shown === undefined) return null;
  const { endpoints, endpointsLeftOut } = shown;
  return (
    <Table
      name="Endpoints"
      caption="Each endpoint, its traffic of the last ten seconds, and why it gets what it gets"
      columns={columns}
      rows={endpoints}
      leftOut={endpointsLeftOut}
      most={{
        share: Math.max(...endpoints.map(({ traffic }) => traffic.share)),
        p99Ms: Math.max(...endpoints.map(({ traffic }) => traffic.p99Ms ?? 0)),
      }}
      sortedBy="Standing"
      idOf={({ endpoint }) => endpoint.id}
      textOf={textOf}
      filter={filter}
      opened={opened}
      pointed={pointed}
      details={(row) => <EndpointDetails row={row} />}
      attribute="data-endpoint"
      standingOf={({ standing }) => standing}
    />
  );
}
