export type { ClientBalancer, Contender, ContenderEnv, ProbeAnswer } from "./contender.ts";
export { shipped } from "./contenders/shipped.ts";
export type { GroupResult, LatencyQuantiles, RunResult, ServerResult } from "./result.ts";
export { runScenario } from "./run-scenario.ts";
export type * from "./scenario.ts";
export { validateScenario } from "./validate-scenario.ts";
export { ScenarioError } from "./validation/scenario-error.ts";
