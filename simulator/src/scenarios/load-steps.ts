import type { ClientGroup, Scenario, ServerGroup } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { usual } from "./entrant-names.ts";

const work = { kind: "exponential", mean: 20 } as const;
const pods: ServerGroup = { name: "pod", count: 20, cores: 4 };
/** Of 20 pods with 4 cores. */
const fullRate = (20 * 4 * 1000) / 20;

function clients(rate: ClientGroup["rate"], burst = 1): ClientGroup {
  return { name: "client", count: 60, rate, work, burst };
}

const doubling: Scenario = {
  name: "load-doubles",
  description: "Load doubles from 45 % to 90 % at once, for 10 s, and falls back.",
  durationMs: 25_000,
  warmUpMs: 5_000,
  servers: [pods],
  clients: [
    clients([
      { atMs: 0, perSecond: 0.45 * fullRate },
      { atMs: 10_000, perSecond: 0.9 * fullRate },
      { atMs: 20_000, perSecond: 0.45 * fullRate },
    ]),
  ],
  windows: [{ label: "90 %", fromMs: 10_000, toMs: 20_000, shaded: true }],
};

const bursts: Scenario = {
  name: "bursts",
  description: "Calls come in bursts of 8 on average at one client, at 70 % load.",
  durationMs: 20_000,
  warmUpMs: 5_000,
  servers: [pods],
  clients: [clients(0.7 * fullRate, 8)],
};

const autoscale: Scenario = {
  name: "autoscale",
  description: "10 pods at 90 % are joined by 10 more at 10 s: how soon do they take their share?",
  durationMs: 60_000,
  warmUpMs: 5_000,
  servers: [
    { name: "old", count: 10, cores: 4 },
    { name: "new", count: 10, cores: 4, joins: { atMs: 10_000 }, coldStart: { factor: 3, overMs: 5_000 } },
  ],
  clients: [clients(0.45 * fullRate)],
  windows: [
    { label: "before", fromMs: 5_000, toMs: 10_000 },
    { label: "first 5 s", fromMs: 10_500, toMs: 15_500, shaded: true },
    { label: "after 40 s", fromMs: 50_000, toMs: 60_000 },
  ],
};

export const loadSteps: Chapter = {
  number: 11,
  name: "Load that changes",
  question: "What happens in the seconds after load, or the number of pods, has doubled?",
  cells: [
    { scenario: doubling, contenders: usual },
    { scenario: bursts, contenders: usual, short: true },
    { scenario: autoscale, contenders: [...usual, "kube-proxy"] },
  ],
};
