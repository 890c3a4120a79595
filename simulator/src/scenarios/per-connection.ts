import type { Scenario } from "../scenario.ts";
import type { Search } from "../suite/pods-needed.ts";
import type { Chapter } from "../suite/suite.ts";

const workMs = 20;
const contenders = [
  "kube-proxy",
  "kube-proxy-x4",
  "round-robin",
  "p2c",
  "peak-ewma",
  "weighted-round-robin",
  "prequal",
  "meshless",
  "exact-jsq",
];

/** Pods of four cores, and clients that keep one connection each. */
function fleet(name: string, pods: number, clients: number, callsPerSecond: number): Scenario {
  return {
    name,
    description: `${clients} clients, ${pods} pods of 4 cores, exponential work of ${workMs} ms, ${Math.round(callsPerSecond)} calls a second.`,
    durationMs: 15_000,
    warmUpMs: 5_000,
    servers: [{ name: "pod", count: pods, cores: 4 }],
    clients: [{ name: "client", count: clients, rate: callsPerSecond, work: { kind: "exponential", mean: workMs } }],
  };
}

/** At 60 % of what the pods can do. */
function spread(pods: number, clients: number): Scenario {
  return fleet(`spread-${pods}-pods-${clients}-clients`, pods, clients, (0.6 * pods * 4 * 1000) / workMs);
}

/** 100 calls at work on average. */
function pods(clients: number): Search {
  return {
    name: `pods-${clients}-clients`,
    description: `${clients} clients make 5,000 calls a second of 20 ms each: how many pods of 4 cores until 99 % are answered within 150 ms?`,
    contenders: ["kube-proxy", "kube-proxy-x4", "round-robin", "p2c", "prequal", "meshless", "exact-jsq"],
    vary: (count) => fleet(`pods-${clients}-clients`, count, clients, 5_000),
    from: 25,
    to: clients <= 100 ? 300 : 80,
    goal: ({ latencyMs, errorShare }) => latencyMs.p99 <= 150 && errorShare <= 0.01,
  };
}

export const perConnection: Chapter = {
  number: 3,
  name: "Per connection or per call",
  question: "How uneven is load when kube-proxy spreads connections instead of calls, and how many pods does that cost?",
  cells: [
    { scenario: spread(6, 20), contenders, short: true },
    { scenario: spread(6, 60), contenders },
    { scenario: spread(6, 200), contenders },
    { scenario: spread(50, 100), contenders },
    { scenario: spread(50, 400), contenders },
    { scenario: spread(50, 2000), contenders },
  ],
  searches: [pods(100), pods(400), pods(2000)],
};
