import type { Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { fewRivals } from "./entrant-names.ts";
import { hiccups } from "./hiccups.ts";
import { withAndWithoutReports } from "./with-and-without-reports.ts";

/** Enough for 1,000 calls to the pod of weight 1. */
const CALLS = 7_000;

/** Three pods that differ by their weights alone. */
function weights(rate: number, workMs: number): Scenario {
  return {
    name: `weights-${rate}${workMs === 2 ? "" : `-${workMs}-ms`}`,
    description: `1 client, pods of weight 1, 2 and 4 that are otherwise alike, with cores to spare; ${rate} calls/s of ${workMs} ms.`,
    durationMs: (CALLS / rate) * 1000,
    network: { rttMs: 0.2, noise: hiccups },
    servers: [1, 2, 4].map((weight) => ({ name: `weight-${weight}`, count: 1, cores: 32, weight })),
    clients: [{ name: "client", count: 1, rate, work: { kind: "constant", value: workMs } }],
  };
}

const scenarios = [weights(20, 2), weights(150, 2), weights(700, 2), weights(150, 20), weights(700, 20)].flatMap(withAndWithoutReports);

export const unequalWeights: Chapter = {
  number: 17,
  name: "Unequal weights",
  question: "Does a pod of twice the weight get twice the calls, however few calls there are?",
  cells: scenarios.map((scenario) => ({ scenario, contenders: fewRivals, short: scenario.name === "weights-150" })),
};
