import type { Distribution, Scenario, ServerGroup } from "../../simulator/src/index.ts";
import { type Cell, weightsOf } from "./cell.ts";

/** Work by timer takes no core. */
const PLENTY_OF_CORES = 1_000;
/** What an answer takes whose handler does nothing. */
const LEAST_WORK_MS = 0.1;
const LOOPBACK_RTT_MS = 0.3;
/** A fresh process, as in the simulator's chapter on light load: its first call takes 40 ms longer, the tenth a third of that. */
const WARMED_BY_USE = { addedMs: 40, halfAfterCalls: 5, forgetsMs: 60_000 };
/** Now and then a process has to wait for a core, or collects garbage. */
const HICCUPS: Distribution = {
  kind: "mixture",
  parts: [
    { share: 0.98, of: { kind: "exponential", mean: 0.1 } },
    { share: 0.02, of: { kind: "exponential", mean: 5 } },
  ],
};
/** Long enough for a server that left the set to finish its calls. */
const DRAIN_MS = 5_000;

/** The same fleet for the simulator; undefined where the simulator has nothing like it. What simulated servers learn to do is added here. */
export function toScenario(cell: Cell): Scenario | undefined {
  // Simulated calls don't wait for each other.
  if (cell.trial.kind === "sequential") return undefined;
  const workMs = Math.max(LEAST_WORK_MS, cell.work.ms);
  return {
    name: cell.name,
    description: "The fleet of the cell of this name, as far as it can be simulated.",
    durationMs: (cell.calls / cell.callsPerSecond) * 1_000,
    network: { rttMs: LOOPBACK_RTT_MS, noise: HICCUPS },
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
    warmedByUse: WARMED_BY_USE,
  } as const;
  if (trial.kind === "wrong") {
    return [
      { ...alike, name: "good", count: servers - 1 },
      { ...alike, name: "wrong", faults: [{ kind: "refuses", fromMs: 0, share: 1 }] },
    ];
  }
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
