import type { Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { bounds, everybody, pushback, usual } from "./entrant-names.ts";

const workMs = 5;

/** Node.js: one thread each. */
function nodePods(load: number): Scenario {
  return {
    name: `node-pods-${100 * load}`,
    description: `100 clients, 50 pods of one core, exponential work of ${workMs} ms, at ${100 * load} %: one call too many doubles the time of both.`,
    durationMs: 12_000,
    warmUpMs: 3_000,
    servers: [{ name: "pod", count: 50, cores: 1 }],
    clients: [{ name: "client", count: 100, rate: (load * 50 * 1000) / workMs, work: { kind: "exponential", mean: workMs } }],
  };
}

const limited: Scenario = {
  ...nodePods(0.9),
  name: "node-pods-90-pushback",
  description: "The same at 90 %, and pods with 4 calls in flight turn further ones away that allow it.",
  servers: [{ name: "pod", count: 50, cores: 1, bounceLimit: 4 }],
};

const contenders = [...usual, "prequal-75"];

export const nodePodsChapter: Chapter = {
  number: 5,
  name: "Pods with one core",
  question: "How close does a policy come to one queue for all, where servers have no slack of their own?",
  cells: [
    { scenario: nodePods(0.5), contenders },
    { scenario: nodePods(0.7), contenders },
    { scenario: nodePods(0.9), contenders: [...everybody, ...bounds], short: true },
    { scenario: limited, contenders: pushback },
    { scenario: nodePods(0.95), contenders },
  ],
};
