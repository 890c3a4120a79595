import type { Contender } from "./contender.ts";
import { buildServers } from "./fleet/build-servers.ts";
import type { RunResult } from "./result.ts";
import type { Scenario } from "./scenario.ts";
import { Simulation } from "./simulation.ts";
import { validateScenario } from "./validate-scenario.ts";

/**
 * Simulates a scenario under one contender. The same arguments give the same result, apart from `wallMs`; the same scenario and seed give
 * the same arrivals, work, network and faults to every contender.
 *
 * @param seed any whole number
 * @param build makes the servers. Default: as the scenario has them; bounds have others in their place
 * @throws ScenarioError if the scenario makes no sense
 */
export function runScenario(scenario: Scenario, contender: Contender, seed: number, build = buildServers): RunResult {
  const beganAtMs = performance.now();
  const simulation = new Simulation(validateScenario(scenario), contender, seed, build);
  const measured = simulation.run();
  const { events } = simulation;
  return { scenario: scenario.name, contender: contender.name, seed, ...measured, wallMs: performance.now() - beganAtMs, events };
}
