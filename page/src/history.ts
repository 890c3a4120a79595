import { signal } from "@preact/signals";
import type { DebuggedTransport, LoggedEvent } from "../../src/debug/debug-snapshot.ts";

/** How far charts go back, in snapshots: one a second. */
const maxTicks = 180;
const maxEvents = 1_000;

/** What a chart shows of an endpoint at one time; null where there is nothing. */
export interface Point {
  readonly share: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface Tick {
  /** In seconds, as uPlot counts time. */
  readonly atS: number;
  readonly traffic: DebuggedTransport["traffic"];
  readonly points: ReadonlyMap<string, Point>;
}

export interface SeenEvent extends LoggedEvent {
  /** By the clock of this browser. */
  readonly atMs: number;
}

interface History {
  readonly target: string;
  readonly ticks: readonly Tick[];
  /** The latest first. */
  readonly events: readonly SeenEvent[];
}

export const history = signal<History>({ target: "", ticks: [], events: [] });

/** Of the transport that is looked at; another one begins anew. */
export function remember(transport: DebuggedTransport): void {
  const { target, ticks, events } =
    history.peek().target === transport.target ? history.peek() : { target: transport.target, ticks: [], events: [] };
  const nowMs = Date.now();
  const points = new Map(
    transport.endpoints.map(({ endpoint, traffic: { share, p50Ms = null, p99Ms = null } }) => [endpoint.id, { share, p50Ms, p99Ms }]),
  );
  const tick = { atS: nowMs / 1_000, traffic: transport.traffic, points };
  history.value = { target, ticks: [...ticks, tick].slice(-maxTicks), events: withNew(events, transport.events, nowMs) };
}

/** A process that was started anew counts its events anew. */
function withNew(seen: readonly SeenEvent[], logged: readonly LoggedEvent[], nowMs: number): readonly SeenEvent[] {
  const last = logged.at(-1)?.number ?? 0;
  const known = seen[0] !== undefined && seen[0].number <= last ? seen[0].number : 0;
  const added = logged.filter(({ number }) => number > known).map((event) => ({ ...event, atMs: nowMs - event.agoMs }));
  return added.length === 0 ? seen : [...added.reverse(), ...(known === 0 ? [] : seen)].slice(0, maxEvents);
}
