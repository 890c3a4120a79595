import type { ClientGroup, Scenario, ServerGroup } from "./scenario.ts";

export interface TestScenarioFields extends Omit<Partial<Scenario>, "servers" | "clients"> {
  readonly servers?: Partial<ServerGroup>;
  readonly clients?: Partial<ClientGroup>;
}

/** One group of servers, one of clients, no network: 10 servers of 1 core, 1 client, exponential work of 10 ms at 50 % load for 10 s. */
export function testScenario({ servers = {}, clients = {}, ...rest }: TestScenarioFields = {}): Scenario {
  return {
    name: "test",
    description: "For a test.",
    durationMs: 10_000,
    network: { rttMs: 0 },
    servers: [{ name: "pod", count: 10, cores: 1, ...servers }],
    clients: [{ name: "client", count: 1, rate: 500, work: { kind: "exponential", mean: 10 }, ...clients }],
    ...rest,
  };
}
