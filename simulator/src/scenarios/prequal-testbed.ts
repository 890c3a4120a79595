import type { Distribution, Scenario, ServerGroup } from "../scenario.ts";

// The testbed of the Prequal paper (NSDI'24, 5.1), as far as it can be told from its figures: see simulator/README.md, "The Prequal testbed".

/** Normal around 80 ms, cut off at 0. Its quantiles are those of the paper at low load: 80, 182, 265, 325 ms. */
export const iterations: Distribution = { kind: "normal", mean: 80, deviation: 80 };
/** Its mean, with what the cut leaves. */
export const meanWorkMs = 86.67;
/** A tenth of a machine of 64 threads. */
export const allocatedCores = 6.4;

/** What other tenants leave of the machine: fitted to the share of errors that weighted round robin had at each load. */
const antagonist = { median: 1.88, sigma: 0.235, floor: 0.95 };

/** Calls per second at a load relative to the allocation. */
export function callsPerSecond(load: number, servers: number): number {
  return (load * servers * allocatedCores * 1000) / meanWorkMs;
}

export function sharedMachines(count: number): ServerGroup {
  return { name: "server", count, cores: allocatedCores, antagonist };
}

interface SharedOptions {
  readonly name: string;
  readonly description: string;
  readonly clients?: number;
  readonly durationMs?: number;
  /** See {@link ServerGroup}. */
  readonly bounceLimit?: number;
}

/** 100 servers on shared machines, at a constant load. */
export function sharedMachinesAt(load: number, options: SharedOptions): Scenario {
  const { name, description, clients = 100, durationMs = 20_000, bounceLimit } = options;
  return {
    name,
    description,
    durationMs,
    warmUpMs: 5_000,
    servers: [{ ...sharedMachines(100), ...(bounceLimit !== undefined && { bounceLimit }) }],
    clients: [{ name: "client", count: clients, rate: callsPerSecond(load, 100), work: iterations }],
  };
}
