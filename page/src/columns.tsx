import type { DebuggedEndpoint } from "../../src/debug/debug-snapshot.ts";
import { Badge } from "./badge.tsx";
import { colours } from "./charted.ts";
import { Swatch } from "./charts.tsx";
import type { Column } from "./column.ts";
import { count, milliseconds, nothing, percent, span } from "./format.ts";
import { badgeOf } from "./standing.ts";

/** The largest of all rows, which bars are measured by. */
export interface Most {
  readonly share: number;
  readonly p99Ms: number;
}

export const columns: readonly Column<DebuggedEndpoint, Most>[] = [
  {
    name: "Endpoint",
    title: "Its id, and its address where that is another",
    key: ({ endpoint }) => endpoint.id,
    cell: ({ endpoint: { id, address, port } }) => (
      <>
        <Swatch colour={colours.value.get(id)} />
        {id}
        {!id.includes(address) && <small> {`${address}:${port}`}</small>}
      </>
    ),
  },
  {
    name: "Zone",
    title: "Where it runs",
    key: ({ endpoint }) => endpoint.locality?.zone,
    cell: ({ endpoint }) => endpoint.locality?.zone ?? nothing,
  },
  {
    name: "Standing",
    title: "Whether it gets calls: what speaks against it most",
    isDown: true,
    key: (row) => badgeOf(row).rank,
    cell: (row) => <Badge badge={badgeOf(row)} />,
  },
  {
    name: "Weight",
    title: "As discovery sets it",
    isNumber: true,
    key: ({ endpoint }) => endpoint.weight,
    cell: ({ endpoint }) => count(endpoint.weight),
  },
  {
    name: "Share",
    title: "Of the attempts of the last ten seconds",
    isNumber: true,
    key: ({ traffic }) => traffic.share,
    cell: ({ traffic: { share, attemptsPerSecond } }, most) => (
      <span class="bar" title={`${count(attemptsPerSecond)} attempts/s`}>
        <i style={{ width: `${most.share === 0 ? 0 : (100 * share) / most.share}%` }} />
        {percent(share)}
      </span>
    ),
  },
  {
    name: "In flight",
    title: "Calls of this client that are there now",
    isNumber: true,
    key: ({ inFlight }) => inFlight,
    cell: ({ inFlight }) => count(inFlight),
  },
  {
    name: "p50",
    title: "To the first response message, of the last ten seconds",
    isNumber: true,
    key: ({ traffic }) => traffic.p50Ms,
    cell: ({ traffic }) => milliseconds(traffic.p50Ms),
  },
  {
    name: "p99",
    title: "To the first response message, of the last ten seconds",
    isNumber: true,
    key: ({ traffic }) => traffic.p99Ms,
    cell: ({ traffic: { p99Ms } }, most) => (
      <span class="bar slow">
        <i style={{ width: `${p99Ms === undefined || most.p99Ms === 0 ? 0 : (100 * p99Ms) / most.p99Ms}%` }} />
        {milliseconds(p99Ms)}
      </span>
    ),
  },
  {
    name: "Success",
    title: "Of the attempts of the last ten seconds. What is the caller's fault is none of the server's",
    isNumber: true,
    key: ({ traffic }) => traffic.successShare,
    cell: ({ traffic: { successShare } }) => (
      <span class={successShare === undefined || successShare > 0.999 ? "" : successShare > 0.9 ? "warn" : "bad"}>
        {percent(successShare)}
      </span>
    ),
  },
  {
    name: "It reports",
    title: "The utilisation that the server says it has, its calls in flight, and how long ago it said so",
    isNumber: true,
    key: ({ report }) => report?.utilization,
    cell: ({ report, reportAgeMs = 0 }) =>
      report === undefined ? (
        nothing
      ) : (
        <>
          {percent(report.utilization, 0)}
          {report.inFlight !== undefined && `, ${count(report.inFlight)}`} <small>{span(reportAgeMs)} ago</small>
        </>
      ),
  },
  {
    name: "Last error",
    title: "Of an attempt since somebody looks, or of the last connection",
    key: ({ traffic, lastFailure }) =>
      traffic.lastError === undefined ? (lastFailure === undefined ? undefined : 0) : -traffic.lastError.agoMs,
    cell: ({ traffic: { lastError }, lastFailure }) =>
      lastError === undefined ? (
        (lastFailure ?? nothing)
      ) : (
        <span title={lastError.message}>
          <small>{span(lastError.agoMs)} ago</small> {lastError.message}
        </span>
      ),
  },
  {
    name: "Why",
    title: "Why it gets calls or not, and what the policy holds of it",
    key: whyOf,
    cell: (row) => <span title={whyOf(row)}>{whyOf(row)}</span>,
  },
];

/** That it is eligible, its standing says. */
export function whyOf({ reason, policySays }: DebuggedEndpoint): string {
  const rest = reason.replace(/^eligible(, )?/, "");
  return [rest, policySays].filter(Boolean).join("; ") || reason;
}
