import type { RunResult } from "../result.ts";
import type { Scenario } from "../scenario.ts";
import type { Entrant } from "./entrant.ts";
import type { Suite } from "./suite.ts";
import { testResult } from "./test-result.ts";

/** A suite for tests, which threads can load: results depend on their arguments alone, and cost nothing. */
export function loadSuite(argument?: string): Suite {
  const entrants = ["round-robin", "p2c", "jsq"].map((name) => testEntrant(name, argument));
  const contenders = argument === "unknown entrant" ? ["p3c"] : entrants.map(({ name }) => name);
  return {
    entrants,
    chapters: [
      {
        number: 1,
        name: "Steady load",
        question: "Who is quickest?",
        cells: [
          { scenario: testScenario("steady", 10), contenders, short: true },
          { scenario: testScenario("busy", 100), contenders: ["p2c", "round-robin"], seeds: 3 },
        ],
      },
      {
        number: 2,
        name: "Pods needed",
        question: "How many pods does it take?",
        cells: [],
        searches: [
          {
            name: "pods",
            description: "p99 below 30 ms.",
            contenders: ["round-robin", "p2c"],
            vary: (count) => testScenario("vary", 10, count),
            from: 1,
            to: 64,
            goal: ({ latencyMs }) => latencyMs.p99 <= 30,
          },
        ],
      },
    ],
  };
}

export function testScenario(name: string, rate = 10, count = 2): Scenario {
  return {
    name,
    description: `The ${name} one.`,
    durationMs: 2000,
    servers: [{ name: "pod", count, cores: 1 }],
    clients: [{ name: "client", count: 1, rate, work: { kind: "constant", value: 10 } }],
  };
}

/** p99 falls with the number of pods; round robin's excess over 20 ms is twice as long; a tenth of it is chance. With the argument `fail p2c`, p2c throws. */
function testEntrant(name: string, argument: string | undefined): Entrant {
  const slowness = name === "round-robin" ? 2 : name === "p2c" ? 1 : 0.5;
  return {
    name,
    description: `What ${name} would do.`,
    isBound: name === "jsq",
    isAttainable: name === "jsq",
    run(scenario: Scenario, seed: number): RunResult {
      if (argument === `fail ${name}`) throw new Error("the dice fell off the table");
      const chance = ((seed * 7919 + scenario.name.length) % 101) / 101;
      const count = scenario.servers.reduce((total, group) => total + group.count, 0);
      const p99Ms = 20 + (slowness * (200 + 20 * chance)) / count;
      return testResult({ scenario: scenario.name, contender: name, seed, p99Ms, perServer: [] });
    },
  };
}
