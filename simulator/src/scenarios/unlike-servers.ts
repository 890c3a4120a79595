import type { Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { bounds, everybody, usual } from "./entrant-names.ts";
import { allocatedCores, iterations, meanWorkMs } from "./prequal-testbed.ts";

/** 100 servers, of which every second one takes twice as long for everything. */
function halfSlow(load: number): Scenario {
  const capacity = 50 * allocatedCores * (1 + 1 / 2);
  return {
    name: `half-slow-${100 * load}`,
    description: `100 clients, 100 servers of which half take twice as long, at ${100 * load} % of what all can do: an even share is too much for the slow ones.`,
    durationMs: 20_000,
    warmUpMs: 5_000,
    servers: [
      { name: "fast", count: 50, cores: allocatedCores },
      { name: "slow", count: 50, cores: allocatedCores, slowdown: 2 },
    ],
    clients: [{ name: "client", count: 100, rate: (load * capacity * 1000) / meanWorkMs, work: iterations }],
  };
}

export const unlikeServers: Chapter = {
  number: 2,
  name: "Fast and slow servers",
  question: "Does a policy find out which servers are fast, and how much more they can take? (After Figure 7 of the Prequal paper.)",
  cells: [
    { scenario: halfSlow(0.7), contenders: [...everybody, ...bounds], short: [...usual, "prequal-75"] },
    { scenario: halfSlow(0.9), contenders: [...everybody, ...bounds] },
  ],
};
