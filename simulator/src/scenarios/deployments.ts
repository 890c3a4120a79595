import type { Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { usual } from "./entrant-names.ts";

const contenders = [...usual, "kube-proxy"];

/** A pod a second is replaced by a new one, which is six times slower at first. */
const rolling: Scenario = {
  name: "rolling-deploy",
  description: "20 pods are replaced, one a second; new ones are cold, six times slower at first, warm after 10 s; old ones drain for 3 s.",
  durationMs: 40_000,
  warmUpMs: 5_000,
  servers: [
    { name: "old", count: 20, cores: 4, leaves: { atMs: 11_000, everyMs: 1_000, drainMs: 3_000 } },
    { name: "new", count: 20, cores: 4, joins: { atMs: 8_000, everyMs: 1_000 }, coldStart: { factor: 6, overMs: 10_000 } },
  ],
  clients: [{ name: "client", count: 60, rate: (0.6 * 20 * 4 * 1000) / 20, work: { kind: "exponential", mean: 20 } }],
  windows: [{ label: "deployment", fromMs: 8_000, toMs: 32_000, shaded: true }],
};

const cold: Scenario = {
  name: "cold-20-percent",
  description: "10 of 50 pods have just started, and take four times as long for 10 s; nobody says so.",
  durationMs: 20_000,
  servers: [
    { name: "warm", count: 40, cores: 4 },
    { name: "cold", count: 10, cores: 4, faults: [{ kind: "slow", factor: 4, fromMs: 0, toMs: 10_000 }] },
  ],
  clients: [{ name: "client", count: 100, rate: (0.65 * 50 * 4 * 1000) / 20, work: { kind: "exponential", mean: 20 } }],
  windows: [{ label: "cold", fromMs: 0, toMs: 10_000, shaded: true }],
};

const newcomers: Scenario = {
  name: "new-pods-cold",
  description: "10 pods join 40, six times slower at first and warm after 10 s.",
  durationMs: 30_000,
  warmUpMs: 5_000,
  servers: [
    { name: "old", count: 40, cores: 4 },
    { name: "new", count: 10, cores: 4, joins: { atMs: 10_000 }, coldStart: { factor: 6, overMs: 10_000 } },
  ],
  clients: [{ name: "client", count: 100, rate: (0.65 * 40 * 4 * 1000) / 20, work: { kind: "exponential", mean: 20 } }],
  windows: [{ label: "warming up", fromMs: 10_000, toMs: 20_000, shaded: true }],
};

export const deployments: Chapter = {
  number: 9,
  name: "Deployments and cold pods",
  question: "Are new pods spared while they are cold, and used once they are warm?",
  cells: [
    { scenario: rolling, contenders },
    { scenario: cold, contenders: [...usual, "exact-jsq", "omniscient", "pooled"], short: true },
    { scenario: newcomers, contenders },
  ],
};
