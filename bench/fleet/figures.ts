import { quantileOf } from "../statistics.ts";
import type { Cell } from "./cell.ts";
import type { CallRecords } from "./client.ts";
import type { MachineLoad } from "./machine-meter.ts";
import type { ServerReport } from "./server.ts";
import { type Shares, sharesOf } from "./shares.ts";
import { type Load, starvation } from "./starvation.ts";

/** What one contender did with one cell. Latencies are those of answered calls, from when a call was due. */
export interface Figures extends Shares {
  readonly calls: number;
  /** Requests that each server got, the ones that failed included. */
  readonly served: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  /** By the name of the error's code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Before and after servers were replaced. */
  readonly replacement?: Replacement;
  readonly load: Load;
  /** Why these figures say more about the machine than about the contender; empty: they don't. */
  readonly starved: readonly string[];
}

export interface Replacement {
  readonly calmP99Ms: number;
  readonly afterP99Ms: number;
  readonly ratio: number;
}

export interface Findings {
  readonly cell: Cell;
  readonly clients: readonly CallRecords[];
  readonly servers: readonly ServerReport[];
  /** Indices of the servers whose shares are compared. */
  readonly alike: readonly number[];
  readonly weights: readonly number[];
  readonly machine: MachineLoad;
  readonly runnerCpuMs: number;
}

export function figuresOf(findings: Findings): Figures {
  const { cell, clients, servers, alike, weights } = findings;
  const served = servers.map((server) => server.served);
  const answered = clients.flatMap((client) => client.answered);
  const latencies = answered.map(([, latencyMs]) => latencyMs);
  const failures = addCounts(clients.map((client) => client.failures));
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  const load = loadOf(findings);
  return {
    calls: answered.length + failed,
    served,
    ...sharesOf(
      alike.map((index) => served[index] ?? 0),
      alike.map((index) => weights[index] ?? 1),
    ),
    p50Ms: quantileOf(latencies, 0.5),
    p99Ms: quantileOf(latencies, 0.99),
    failed,
    failures,
    ...(cell.trial.kind === "replaced" ? { replacement: replacementOf(answered, cell.trial) } : {}),
    load,
    starved: starvation(cell, load),
  };
}

function loadOf({ clients, servers, machine, runnerCpuMs }: Findings): Load {
  const cpuMs = [...clients, ...servers].reduce((sum, { load }) => sum + load.cpuMs, runnerCpuMs);
  return {
    machine,
    ownShare: cpuMs / (machine.wallMs * machine.cores),
    clientDelayP99Ms: Math.max(...clients.map(({ load }) => load.eventLoopDelayP99Ms)),
    serverDelayP99Ms: Math.max(...servers.map(({ load }) => load.eventLoopDelayP99Ms)),
  };
}

/** Clients begin within milliseconds of each other, and of the clock by which servers are replaced. */
function replacementOf(answered: CallRecords["answered"], times: { calmFromMs: number; atMs: number }): Replacement {
  const p99Between = (fromMs: number, toMs: number) =>
    quantileOf(
      answered.flatMap(([dueAtMs, latencyMs]) => (dueAtMs >= fromMs && dueAtMs < toMs ? [latencyMs] : [])),
      0.99,
    );
  const calmP99Ms = p99Between(times.calmFromMs, times.atMs);
  const afterP99Ms = p99Between(times.atMs, Number.POSITIVE_INFINITY);
  return { calmP99Ms, afterP99Ms, ratio: afterP99Ms / calmP99Ms };
}

function addCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [name, count] of all.flatMap((counts) => Object.entries(counts))) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
