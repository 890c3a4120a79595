import type { DebuggedEndpoint, DebuggedTransport, DebugSnapshot } from "meshless/debug";
import type { Paint } from "./environment.ts";
import { standingText } from "./standing-text.ts";
import { type Column, cut, tableText } from "./table.ts";
import { count, milliseconds, nothing, percent, plain, span } from "./words.ts";

export interface TopView {
  /** By which of {@link orders}. */
  readonly order: number;
  readonly width: number;
  readonly height: number;
  readonly paint: Paint;
  /** Why there is nothing newer. */
  readonly problem?: string | undefined;
}

interface Order {
  readonly name: string;
  readonly key: (row: DebuggedEndpoint) => number;
}

/** By what rows can be sorted, the largest first. */
export const orders: readonly Order[] = [
  { name: "standing", key: ({ standing, slowStartShare }) => (standing === "sound" ? (slowStartShare === undefined ? 0 : 1) : 2) },
  { name: "share", key: ({ traffic }) => traffic.share },
  { name: "p99", key: ({ traffic }) => traffic.p99Ms ?? 0 },
  { name: "in flight", key: ({ inFlight }) => inFlight },
  { name: "failures", key: ({ traffic }) => 1 - (traffic.successShare ?? 1) },
];

/** The page in lines, none longer than the terminal is wide. */
export function topText({ process, targets, transport }: DebugSnapshot, view: TopView): readonly string[] {
  const { paint, width, height, problem } = view;
  const title = `${plain(process.name)}  pid ${process.pid}  up ${span(process.upForMs)}`;
  if (transport === undefined) return [title, "no transport is given to its page"];
  const order = orders[view.order] ?? (orders[0] as Order);
  const rows = [...transport.endpoints].sort(
    (one, other) => order.key(other) - order.key(one) || one.endpoint.id.localeCompare(other.endpoint.id, "en", { numeric: true }),
  );
  const head = [
    `${paint("strong", plain(transport.target))}  ${paint("muted", title)}`,
    trafficLine(transport),
    stateLine(transport, paint),
    ...transport.notices.map(({ message }) => `${paint("warn", "!")} ${plain(message)}`),
    ...(problem === undefined ? [] : [paint("bad", problem)]),
    "",
  ].map((line) => cut(line, width));
  const foot = [paint("muted", cut(`q quit  s sort (by ${order.name})${targets.length > 1 ? "  t next transport" : ""}`, width))];
  const table = tableText(columnsFor(paint), rows, width, (text) => paint("muted", text));
  const room = height - head.length - foot.length - 1;
  if (table.length <= room) return [...head, ...table, ...(height === Number.POSITIVE_INFINITY ? [] : ["", ...foot])];
  return [...head, ...table.slice(0, Math.max(1, room - 1)), paint("muted", `… ${table.length - Math.max(1, room - 1)} more`), "", ...foot];
}

function trafficLine({ traffic: { callsPerSecond, successShare, p50Ms, p99Ms, repeatedShare } }: DebuggedTransport): string {
  return `${count(callsPerSecond)} calls/s  success ${percent(successShare)}  p50 ${milliseconds(p50Ms)}  p99 ${milliseconds(p99Ms)}  repeats ${percent(repeatedShare)}`;
}

function stateLine(
  { endpoints, endpointsLeftOut, panic, target, state, sourceError, sourceErrorForMs = 0, snapshotAgeMs }: DebuggedTransport,
  paint: Paint,
): string {
  const sound = endpoints.filter(({ standing }) => standing === "sound").length;
  const total = endpoints.length + endpointsLeftOut;
  const who = target.startsWith("xds:") ? "control plane" : "source";
  const source =
    sourceError !== undefined
      ? paint("bad", `${who} stale for ${span(sourceErrorForMs)}: ${plain(sourceError)}`)
      : snapshotAgeMs !== undefined
        ? paint("warn", `endpoints of a file, ${span(snapshotAgeMs)} old`)
        : state === "open"
          ? `${who} ${paint("good", "live")}`
          : paint("warn", state);
  return `${paint(sound === total ? "good" : "warn", `${sound} of ${total} sound`)}  ${panic ? paint("bad", "PANIC") : "no panic"}  ${source}`;
}

function columnsFor(paint: Paint): readonly Column<DebuggedEndpoint>[] {
  return [
    { name: "ENDPOINT", cell: ({ endpoint }) => plain(endpoint.id) },
    { name: "ZONE", cell: ({ endpoint }) => plain(endpoint.locality?.zone || nothing), dispensable: 4 },
    { name: "STANDING", cell: (row) => standingText(row, paint) },
    { name: "WEIGHT", cell: ({ endpoint }) => count(endpoint.weight), isRight: true, dispensable: 6 },
    { name: "SHARE", cell: ({ traffic }) => percent(traffic.share), isRight: true },
    { name: "IN FLIGHT", cell: ({ inFlight }) => count(inFlight), isRight: true, dispensable: 2 },
    { name: "P50", cell: ({ traffic }) => milliseconds(traffic.p50Ms), isRight: true, dispensable: 1 },
    { name: "P99", cell: ({ traffic }) => milliseconds(traffic.p99Ms), isRight: true },
    {
      name: "SUCCESS",
      cell: ({ traffic: { successShare } }) =>
        paint(successShare !== undefined && successShare < 0.999 ? "bad" : "strong", percent(successShare)),
      isRight: true,
    },
    {
      name: "REPORTS",
      cell: ({ report, reportAgeMs = 0 }) => (report === undefined ? nothing : `${percent(report.utilization)} ${span(reportAgeMs)}`),
      isRight: true,
      dispensable: 5,
    },
    {
      name: "WHY",
      cell: ({ reason, policySays, traffic: { lastError } }) => plain([reason, policySays, lastError?.message].filter(Boolean).join("; ")),
      isElastic: true,
      dispensable: 7,
    },
  ];
}
