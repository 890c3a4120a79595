import type { ClientGroup, Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";

/** When all servers have become three times as slow, and when they are well again. */
const fromMs = 10_000;
const toMs = 15_000;
const pods = { count: 10, cores: 4 };
const workMs = 20;

/** Three attempts of 200 ms each, as anybody would set them up. */
const attempts = { maxAttempts: 3, perAttemptTimeoutMs: 200 };

function stumble(name: string, description: string, retrying: Pick<ClientGroup, "idempotent" | "retry">): Scenario {
  return {
    name,
    description,
    durationMs: 45_000,
    warmUpMs: 5_000,
    servers: [{ name: "pod", ...pods, faults: [{ kind: "slow", factor: 3, fromMs, toMs }] }],
    clients: [
      {
        name: "client",
        count: 20,
        rate: (0.8 * pods.count * pods.cores * 1000) / workMs,
        work: { kind: "lognormal", mean: workMs, scv: 0.25 },
        timeoutMs: 1_000,
        ...retrying,
      },
    ],
    windows: [
      { label: "before", fromMs: 5_000, toMs: fromMs },
      { label: "slow", fromMs, toMs, shaded: true },
      { label: "from 10 s later on", fromMs: toMs + 10_000, toMs: 45_000 },
    ],
  };
}

const stumbling = "10 pods of 4 cores at 80 % load are three times as slow for 5 s.";

export const retryStorms: Chapter = {
  number: 18,
  name: "Retry storms",
  question:
    "Servers falter for some seconds, and calls are made again because of it: is the load that this adds enough to keep them down when they are well again?",
  cells: [
    { scenario: stumble("storm-no-retries", `${stumbling} Nothing is made again.`, {}), contenders: ["meshless"], short: true },
    {
      scenario: stumble("storm-unbounded", `${stumbling} Each call has three attempts of 200 ms, without a budget.`, {
        idempotent: true,
        retry: { ...attempts, budget: { share: 1, minPerSecond: 1_000 } },
      }),
      contenders: ["meshless"],
      short: true,
    },
    {
      scenario: stumble("storm-in-budget", `${stumbling} Each call has three attempts of 200 ms, within the budget that is the default.`, {
        idempotent: true,
        retry: attempts,
      }),
      contenders: ["meshless"],
      short: true,
    },
  ],
};
