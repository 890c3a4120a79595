import type { Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { attainable, bounds, everybody, pushback, usual } from "./entrant-names.ts";
import { figureSix } from "./prequal-figure-six.ts";
import { callsPerSecond, iterations, sharedMachines, sharedMachinesAt } from "./prequal-testbed.ts";

const loads = [0.75, 0.83, 0.93, 1.03, 1.14, 1.27, 1.41, 1.57, 1.74] as const;

const stepMs = 12_000;
/** A step's first seconds carry what the one before has left behind. */
const settlingMs = 4_000;

/** The name of the step with this load. */
function stepName(load: number): string {
  return `${load.toFixed(2)}x`;
}

const ramp: Scenario = {
  name: "prequal-ramp",
  description:
    "100 clients and 100 servers on shared machines; load rises in nine steps from 0.75 to 1.74 times what the servers are allotted.",
  durationMs: loads.length * stepMs,
  servers: [sharedMachines(100)],
  clients: [
    {
      name: "client",
      count: 100,
      rate: loads.map((load, step) => ({ atMs: step * stepMs, perSecond: callsPerSecond(load, 100) })),
      work: iterations,
    },
  ],
  windows: loads.map((load, step) => ({ label: stepName(load), fromMs: step * stepMs + settlingMs, toMs: (step + 1) * stepMs })),
};

export const prequalRamp: Chapter = {
  number: 1,
  name: "The Prequal ramp",
  question: "What becomes of latency as load rises beyond what servers are allotted, on machines that others share?",
  cells: [
    { scenario: ramp, contenders: ["weighted-round-robin", "p2c", "peak-ewma", "prequal", "meshless"], seeds: 5 },
    {
      scenario: sharedMachinesAt(1.27, {
        name: "shared-127",
        description: "The same servers at 1.27 times what they are allotted.",
        durationMs: 15_000,
      }),
      contenders: [...usual, "c3", ...attainable],
    },
    {
      scenario: sharedMachinesAt(1.74, {
        name: "shared-174",
        description: "The same servers at 1.74 times: nine tenths of what there is.",
      }),
      contenders: [...everybody, ...bounds],
      short: ["p2c", "prequal", "meshless"],
    },
    {
      scenario: sharedMachinesAt(1.74, {
        name: "shared-174-pushback",
        description: "At 1.74 times, and servers with 16 calls in flight turn further ones away that allow it.",
        bounceLimit: 16,
      }),
      contenders: pushback,
    },
  ],
  extra: figureSix,
};
