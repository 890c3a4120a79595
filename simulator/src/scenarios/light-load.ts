import type { ClientGroup, Scenario, ServerGroup } from "../scenario.ts";
import type { Cell } from "../suite/cell.ts";
import type { Chapter } from "../suite/suite.ts";
import { fewRivals } from "./entrant-names.ts";
import { hiccups } from "./hiccups.ts";
import { withAndWithoutReports } from "./with-and-without-reports.ts";

/** A process that was just started; who gets 40 calls a second takes 0.5 ms longer than at best, who gets one takes 13. */
const warmedByUse = { addedMs: 40, halfAfterCalls: 5, forgetsMs: 10_000 };

interface Light {
  readonly name: string;
  readonly description: string;
  /** Calls a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly pods?: Partial<ServerGroup>;
  readonly clients?: Partial<ClientGroup>;
}

/** 8 pods that have just started, and one client that has, too. Unlike the others, `odd` is one of them. */
function light({ name, description, rate, seconds, pods, clients }: Light, odd?: Partial<ServerGroup>): Scenario {
  const { count, ...alike }: ServerGroup = { name: "pod", count: 8, cores: 4, warmedByUse, ...pods };
  return {
    name,
    description,
    durationMs: seconds * 1000,
    network: { rttMs: 0.2, noise: hiccups },
    servers:
      odd === undefined
        ? [{ ...alike, count }]
        : [
            { ...alike, count: count - 1 },
            { ...alike, name: "odd", count: 1, ...odd },
          ],
    clients: [{ name: "client", count: 1, rate, work: { kind: "constant", value: 2 }, ...clients }],
  };
}

const atTen = light({ name: "light-10", description: "1 client, 4 pods, 10 calls/s of 2 ms.", rate: 10, seconds: 40, pods: { count: 4 } });

const atHundred = light({ name: "light-100", description: "1 client, 8 pods, 100 calls/s of 2 ms: 0.6 % load.", rate: 100, seconds: 80 });

const usual = { rate: 300, seconds: 27 };

const atThreeHundred = light({ name: "light-300", description: "1 client, 8 pods, 300 calls/s of 2 ms: 2 % load.", ...usual });

const mistaken = light({
  name: "light-mistaken",
  description: "1 client, 8 pods, 300 calls/s of 2 ms, a tenth of which ask for what there is not, and are told so at once.",
  ...usual,
  clients: { mistaken: { share: 0.1, afterMs: 0.2 } },
});

const manyPods = light({
  name: "light-20-pods",
  description: "1 client, 20 pods, 300 calls/s of 2 ms.",
  rate: 300,
  seconds: 67,
  pods: { count: 20 },
});

const fewClients: Scenario = {
  ...light({
    name: "light-4-clients",
    description: "4 clients with connections of their own, which are slow at first; 8 pods, 300 calls/s of 2 ms.",
    ...usual,
    clients: { count: 4 },
  }),
  network: { rttMs: 0.2, noise: hiccups, connectionWarmUp: { addedMs: 10, calls: 5 } },
};

const busyClient = light({
  name: "light-busy-client",
  description: "1 client whose only thread is busy for 72 % of the time, 8 pods, 300 calls/s of 2 ms: answers are heard late.",
  ...usual,
  clients: { ownWork: { kind: "exponential", mean: 1.2 } },
});

const manyClients: Scenario = {
  ...light({
    name: "light-100-clients",
    description: "100 clients, 20 pods that are always warm, exponential work of 2 ms, 2.5 % load: who was unlucky is not slow.",
    rate: 1000,
    seconds: 60,
    clients: { count: 100, work: { kind: "exponential", mean: 2 } },
  }),
  servers: [{ name: "pod", count: 20, cores: 4 }],
};

const atThirtyPercent = light({
  name: "light-30-percent",
  description: "4 clients, 8 pods of 4 cores, exponential work of 20 ms, 30 % load.",
  rate: 480,
  seconds: 20,
  clients: { count: 4, work: { kind: "exponential", mean: 20 } },
});

const nodePods = light({
  name: "light-30-percent-one-core",
  description: "4 clients, 8 pods of one core, exponential work of 20 ms, 30 % load.",
  rate: 120,
  seconds: 70,
  pods: { cores: 1 },
  clients: { count: 4, work: { kind: "exponential", mean: 20 } },
});

const slow = light(
  { name: "idle-slow-pod", description: "1 client, 8 pods, 300 calls/s of 2 ms, which take 6 ms at one pod.", ...usual },
  { slowdown: 3 },
);

const failing = light(
  { name: "idle-failing-pod", description: "1 client, 8 pods, 300 calls/s of 2 ms; one pod fails a tenth of its calls.", ...usual },
  { faults: [{ kind: "errors", share: 0.1, fromMs: 0 }] },
);

const scenarios = [
  atTen,
  atHundred,
  atThreeHundred,
  mistaken,
  manyPods,
  fewClients,
  busyClient,
  manyClients,
  atThirtyPercent,
  nodePods,
].flatMap(withAndWithoutReports);

/** Peak EWMA takes no part: it all but forgets the odd pod, which is as quick as can be for the others, and not what is promised. */
const oddOnes: readonly Cell[] = [slow, failing]
  .flatMap(withAndWithoutReports)
  .map((scenario) => ({ scenario, contenders: ["round-robin", "p2c", "meshless"] }));

/** In the short run as well. */
const short = ["light-100-silent", "light-300"];

export const lightLoad: Chapter = {
  number: 14,
  name: "Light load",
  question:
    "Where hardly anybody has a call in flight, and pods are quicker the more they are used: do all of them get calls, and less only who is worse?",
  cells: [...scenarios.map((scenario) => ({ scenario, contenders: fewRivals, short: short.includes(scenario.name) })), ...oddOnes],
};
