import { runScenario, shipped } from "../../simulator/src/index.ts";
import { alikeIn, type Cell, weightsOf } from "./cell.ts";
import { type Contender, type ContenderName, contenders } from "./contenders.ts";
import { type Shares, sharesOf } from "./shares.ts";
import { toScenario } from "./to-scenario.ts";

/** What the simulator says of the same fleet. */
export interface SimulatedFigures extends Shares {
  readonly served: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** p99 after servers were replaced, over that of the calm before. */
  readonly replacedRatio?: number;
}

/** Undefined where the simulator has no such fleet, or no such contender. */
export function simulateCell(cell: Cell, name: ContenderName, seed: number): SimulatedFigures | undefined {
  const { simulated }: Contender = contenders[name];
  const contender = shipped.find((policy) => policy.name === simulated);
  const scenario = toScenario(cell);
  if (contender === undefined || scenario === undefined) return undefined;
  const { perServer, latencyMs, windows } = runScenario(scenario, contender, seed);
  const served = perServer.map(({ calls }) => calls);
  const [calm, after] = windows;
  const weights = weightsOf(cell);
  return {
    served,
    ...sharesOf(
      alikeIn(cell).map((index) => served[index] ?? 0),
      alikeIn(cell).map((index) => weights[index] ?? 1),
    ),
    p50Ms: latencyMs.p50,
    p99Ms: latencyMs.p99,
    ...(calm && after ? { replacedRatio: after.latencyMs.p99 / calm.latencyMs.p99 } : {}),
  };
}
