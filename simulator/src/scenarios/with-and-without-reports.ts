import type { Scenario } from "../scenario.ts";

/** The fleet as it is, and the same without reports. */
export function withAndWithoutReports(fleet: Scenario): readonly [Scenario, Scenario] {
  const silent = {
    ...fleet,
    name: `${fleet.name}-silent`,
    description: `${fleet.description} They report nothing.`,
    servers: fleet.servers.map((group) => ({ ...group, reports: false as const })),
  };
  return [fleet, silent];
}
