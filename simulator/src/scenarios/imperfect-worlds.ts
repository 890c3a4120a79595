import type { Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { usual } from "./entrant-names.ts";

const work = { kind: "exponential", mean: 20 } as const;

const stale: Scenario = {
  name: "dead-endpoints",
  description: "5 of 50 pods die at 5 s without a word, and discovery lists them for 25 s more.",
  durationMs: 30_000,
  servers: [
    { name: "alive", count: 45, cores: 4 },
    { name: "dead", count: 5, cores: 4, leaves: { atMs: 5_000, staysListedMs: 25_000 } },
  ],
  clients: [{ name: "client", count: 100, rate: (0.6 * 45 * 4 * 1000) / 20, work }],
  windows: [{ label: "stale", fromMs: 5_000, toMs: 30_000, shaded: true }],
};

const lying: Scenario = {
  name: "lying-pod",
  description: "1 of 10 pods claims to be idle and to answer a million calls a second; load is 60 %.",
  durationMs: 60_000,
  warmUpMs: 10_000,
  servers: [
    { name: "honest", count: 9, cores: 4 },
    { name: "liar", count: 1, cores: 4, reports: { lie: { inFlight: 0, utilization: 0.001, requestsPerSecond: 1e6, latencyMs: 1 } } },
  ],
  clients: [{ name: "client", count: 40, rate: (0.6 * 10 * 4 * 1000) / 20, work }],
};

const honest: Scenario = {
  ...lying,
  name: "honest-pod",
  description: "The same without a lie, to compare with.",
  servers: [
    { name: "honest", count: 9, cores: 4 },
    { name: "liar", count: 1, cores: 4 },
  ],
};

const mixed: Scenario = {
  name: "mixed-fleet",
  description: "30 % of the clients still go through kube-proxy, and 30 % of the pods report nothing, at 65 %.",
  durationMs: 20_000,
  warmUpMs: 5_000,
  servers: [
    { name: "pod", count: 35, cores: 4 },
    { name: "silent", count: 15, cores: 4, reports: false },
  ],
  clients: [
    { name: "client", count: 140, rate: 0.7 * 0.65 * 50 * 4 * 50, work },
    { name: "old-client", count: 60, rate: 0.3 * 0.65 * 50 * 4 * 50, work, unbalanced: true },
  ],
};

const lateReports: Scenario = {
  name: "late-reports",
  description: "Reports arrive 20 ms late, and every third is lost; 50 pods of one core at 80 %.",
  durationMs: 12_000,
  warmUpMs: 3_000,
  servers: [{ name: "pod", count: 50, cores: 1, reports: { delayMs: 20, loss: 0.33 } }],
  clients: [{ name: "client", count: 100, rate: 0.8 * 50 * 200, work: { kind: "exponential", mean: 5 } }],
};

const noReports: Scenario = {
  name: "no-reports",
  description: "No pod reports anything; 50 pods of one core at 80 %.",
  durationMs: 12_000,
  warmUpMs: 3_000,
  servers: [{ name: "pod", count: 50, cores: 1, reports: false }],
  clients: [{ name: "client", count: 100, rate: 0.8 * 50 * 200, work: { kind: "exponential", mean: 5 } }],
};

export const imperfectWorlds: Chapter = {
  number: 12,
  name: "Imperfect worlds",
  question: "What if discovery is stale, reports are late, lost or lies, and half of the fleet does something else?",
  cells: [
    { scenario: stale, contenders: usual },
    { scenario: lying, contenders: [...usual, "prequal-hcl"], short: true },
    { scenario: honest, contenders: [...usual, "prequal-hcl"] },
    { scenario: mixed, contenders: usual },
    { scenario: lateReports, contenders: usual },
    // Its goal is 85 ms, and five seeds leave 2 either way.
    { scenario: noReports, contenders: usual, seeds: 20 },
  ],
};
