import type { Scenario, ServerGroup } from "../../simulator/src/index.ts";
import { type Cell, weightsOf } from "./cell.ts";

/** Work by timer takes no core. */
const PLENTY_OF_CORES = 1_000;
/** What an answer takes whose handler does nothing. */
const LEAST_WORK_MS = 0.1;
const LOOPBACK_RTT_MS = 0.3;
/** Long enough for a server that left the set to finish its calls. */
const DRAIN_MS = 5_000;

/** The same fleet for the simulator; undefined where the simulator has nothing like it. What simulated servers learn to do is added here. */
export function toScenario(cell: Cell): Scenario | undefined {
  // Simulated calls don't wait for each other, and a simulated error is always a failure of the server.
  if (cell.trial.kind === "sequential" || cell.trial.kind === "wrong") return undefined;
  const workMs = Math.max(LEAST_WORK_MS, cell.work.ms);
  return {
    name: cell.name,
    description: "The fleet of the cell of this name, as far as it can be simulated.",
    durationMs: (cell.calls / cell.callsPerSecond) * 1_000,
    network: { rttMs: LOOPBACK_RTT_MS },
    discovery: { delayMs: 0 },
    servers: serversOf(cell),
    clients: [{ name: "client", count: cell.clients, rate: cell.callsPerSecond, work: { kind: "constant", value: workMs } }],
    windows: windowsOf(cell),
  };
}

function serversOf(cell: Cell): readonly ServerGroup[] {
  const { trial, servers, work, reports } = cell;
  const alike = {
    count: 1,
    cores: work.kind === "timer" ? PLENTY_OF_CORES : 1,
    discipline: work.kind === "timer" ? "processorSharing" : "fifo",
    reports: reports ? {} : false,
  } as const;
  if (trial.kind !== "replaced") return weightsOf(cell).map((weight, index) => ({ ...alike, name: `server-${index}`, weight }));
  const others = servers - 1;
  return [
    { ...alike, name: "stays" },
    { ...alike, name: "old", count: others, leaves: { atMs: trial.atMs + DRAIN_MS, drainMs: DRAIN_MS } },
    { ...alike, name: "new", count: others, joins: { atMs: trial.atMs } },
  ];
}

function windowsOf({ trial, calls, callsPerSecond }: Cell): NonNullable<Scenario["windows"]> {
  if (trial.kind !== "replaced") return [];
  return [
    { label: "calm", fromMs: trial.calmFromMs, toMs: trial.atMs },
    { label: "after", fromMs: trial.atMs, toMs: (calls / callsPerSecond) * 1_000 },
  ];
}
