import { computed, signal } from "@preact/signals";
import type { DebuggedEndpoint } from "../../src/debug/debug-snapshot.ts";
import { type Column, columns, type Most, whyOf } from "./columns.tsx";
import { EndpointDetails } from "./endpoint-details.tsx";
import { badgeOf } from "./standing.ts";
import { filter, inFocus, opened, pointed, transport } from "./state.ts";
import { rowHeight, useVisibleRows, visibleRows } from "./visible-rows.ts";

const sorting = signal<{ readonly name: string; readonly isDown: boolean }>({ name: "Standing", isDown: true });

/** Those that pass the filter, in order. */
const rows = computed(() => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const passing = (transport.value?.endpoints ?? []).filter((row) => words.every((word) => textOf(row).includes(word)));
  const { name, isDown } = sorting.value;
  const column = columns.find((other) => other.name === name) as Column;
  const byId = (one: DebuggedEndpoint, other: DebuggedEndpoint) =>
    one.endpoint.id.localeCompare(other.endpoint.id, "en", { numeric: true });
  return passing.sort((one, other) => compare(column.key(one), column.key(other), isDown ? -1 : 1) || byId(one, other));
});

function textOf(row: DebuggedEndpoint): string {
  const { id, address, port, locality } = row.endpoint;
  return `${id} ${address}:${port} ${locality?.zone ?? ""} ${badgeOf(row).text} ${whyOf(row)}`.toLowerCase();
}

function compare(one: number | string | undefined, other: number | string | undefined, sign: number): number {
  if (one === undefined || other === undefined) return one === other ? 0 : one === undefined ? 1 : -1;
  if (typeof one === "number" && typeof other === "number") return sign * (one - other);
  return sign * String(one).localeCompare(String(other), "en", { numeric: true });
}

export function EndpointTable() {
  const shown = transport.value;
  const body = useVisibleRows();
  if (shown === undefined) return null;
  const { first, end } = visibleRows(rows.value.length);
  const most: Most = {
    share: Math.max(...shown.endpoints.map(({ traffic }) => traffic.share)),
    p99Ms: Math.max(...shown.endpoints.map(({ traffic }) => traffic.p99Ms ?? 0)),
  };
  return (
    <section class="card">
      <header>
        <h2>Endpoints</h2>
        <input
          id="filter"
          type="search"
          placeholder="filter   /"
          aria-label="Filter endpoints by any text in their row"
          value={filter.value}
          onInput={({ currentTarget }) => (filter.value = currentTarget.value)}
        />
        <p class="muted">
          {rows.value.length} of {shown.endpoints.length}
          {shown.endpointsLeftOut > 0 && `; ${shown.endpointsLeftOut} more are known, and not listed`}
        </p>
      </header>
      <div class="scroll">
        <table class="endpoints" aria-rowcount={rows.value.length + 1}>
          <caption class="unseen">Each endpoint, its traffic of the last ten seconds, and why it gets what it gets</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column.name} column={column} />
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            <Space rows={first} />
            {rows.value.slice(first, end).map((row) => (
              <Row key={row.endpoint.id} row={row} most={most} />
            ))}
            <Space rows={rows.value.length - end} />
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** In the place of rows that nobody sees. */
function Space({ rows }: { readonly rows: number }) {
  return rows === 0 ? null : <tr style={{ height: `${rows * rowHeight}px` }} />;
}

function Head({ column: { name, title, isNumber } }: { readonly column: Column }) {
  const { name: sorted, isDown } = sorting.value;
  const isSorted = sorted === name;
  // Whoever sorts by figures looks for the largest.
  const sort = () => {
    sorting.value = { name, isDown: isSorted ? !isDown : isNumber === true || name === "Standing" };
  };
  return (
    <th scope="col" class={isNumber ? "number" : ""} aria-sort={isSorted ? (isDown ? "descending" : "ascending") : "none"} title={title}>
      <button type="button" onClick={sort}>
        {name}
        <i aria-hidden="true">{isSorted ? (isDown ? "▾" : "▴") : ""}</i>
      </button>
    </th>
  );
}

function Row({ row, most }: { readonly row: DebuggedEndpoint; readonly most: Most }) {
  const { id } = row.endpoint;
  const isOpen = opened.value === id;
  const toggle = () => {
    opened.value = isOpen ? undefined : id;
  };
  return (
    <>
      <tr
        data-endpoint={id}
        data-standing={row.standing}
        tabIndex={0}
        aria-expanded={isOpen}
        class={inFocus.value === id ? "focus" : ""}
        onClick={toggle}
        onKeyDown={({ key }) => key === "Enter" && toggle()}
        onMouseEnter={() => (pointed.value = id)}
        onMouseLeave={() => (pointed.value = undefined)}
      >
        {columns.map(({ name, isNumber, cell }) => (
          <td key={name} class={isNumber ? "number" : ""} data-column={name}>
            {cell(row, most)}
          </td>
        ))}
      </tr>
      {isOpen && (
        <tr class="details">
          <td colSpan={columns.length}>
            <EndpointDetails row={row} />
          </td>
        </tr>
      )}
    </>
  );
}
