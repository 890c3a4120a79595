import type { Distribution, Scenario, ServerGroup } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { rivals } from "./entrant-names.ts";

const contenders = ["round-robin", "least-in-flight", ...rivals, "prequal", "meshless", "exact-jsq"];

interface Few {
  readonly name: string;
  readonly description: string;
  readonly clients: number;
  readonly pods: Omit<ServerGroup, "name">;
  readonly work: Distribution;
  readonly meanWorkMs: number;
}

/** At 80 % of what the pods can do. */
function few({ name, description, clients, pods, work, meanWorkMs }: Few): Scenario {
  const rate = (0.8 * pods.count * pods.cores * 1000) / meanWorkMs;
  return {
    name,
    description,
    durationMs: 20_000,
    warmUpMs: 2_000,
    servers: [{ name: "pod", ...pods }],
    clients: [{ name: "client", count: clients, rate, work }],
  };
}

const usual = { work: { kind: "exponential", mean: 20 }, meanWorkMs: 20 } as const;
const unlike = { work: { kind: "lognormal", mean: 20, scv: 4 }, meanWorkMs: 20 } as const;

const gateway = few({
  name: "few-one-client",
  description: "One client, which knows all calls; 4 pods of 4 cores at 80 %, log-normal work.",
  clients: 1,
  pods: { count: 4, cores: 4 },
  ...unlike,
});

const nodePods = few({
  name: "few-node-pods",
  description: "4 clients, 4 pods of one core at 80 %.",
  clients: 4,
  pods: { count: 4, cores: 1 },
  ...usual,
});

const largePods = few({
  name: "few-large-pods",
  description: "4 clients, 10 pods of 20 cores at 80 %, log-normal work: nobody need wait, unless several choose the same pod.",
  clients: 4,
  pods: { count: 10, cores: 20 },
  ...unlike,
});

const quick = few({
  name: "few-quick-calls",
  description: "2 clients, 4 pods of 4 cores at 80 %, work of 2 ms: it is over before a report of it is old.",
  clients: 2,
  pods: { count: 4, cores: 4 },
  work: { kind: "exponential", mean: 2 },
  meanWorkMs: 2,
});

const alike = few({
  name: "few-alike-calls",
  description: "4 clients, 4 pods of 20 cores at 80 %, and every call takes 20 ms: taking turns is best.",
  clients: 4,
  pods: { count: 4, cores: 20 },
  work: { kind: "constant", value: 20 },
  meanWorkMs: 20,
});

const silent = few({
  name: "few-without-reports",
  description: "One client, 4 pods of 20 cores at 80 % that report nothing, log-normal work.",
  clients: 1,
  pods: { count: 4, cores: 20, reports: false },
  ...unlike,
});

export const smallFleets: Chapter = {
  number: 13,
  name: "Small fleets",
  question: "Where few clients call few servers, a client's own calls say most. Does whoever listens to more than them do as well?",
  cells: [
    { scenario: gateway, contenders, short: true },
    { scenario: nodePods, contenders },
    { scenario: largePods, contenders },
    { scenario: quick, contenders },
    { scenario: alike, contenders },
    { scenario: silent, contenders },
  ],
};
