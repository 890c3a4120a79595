import type { ClientGroup, Distribution, Scenario, ServerGroup } from "../scenario.ts";
import type { Cell } from "../suite/cell.ts";
import type { Chapter } from "../suite/suite.ts";
import { fewRivals } from "./entrant-names.ts";

const quickWork: Distribution = { kind: "constant", value: 2 };

/** A process that was just started; who gets 40 calls a second takes 0.5 ms longer than at best, who gets one takes 20. */
const warmedByUse = { addedMs: 40, halfAfterCalls: 5, forgetsMs: 10_000 };

/** Loopback, or a good network: mostly nothing, at times a hiccup. */
const hiccups: Distribution = {
  kind: "mixture",
  parts: [
    { share: 0.98, of: { kind: "exponential", mean: 0.1 } },
    { share: 0.02, of: { kind: "exponential", mean: 4 } },
  ],
};

interface Light {
  readonly name: string;
  readonly description: string;
  readonly rate: number;
  readonly seconds: number;
  readonly pods?: Partial<ServerGroup>;
  readonly clients?: Partial<ClientGroup>;
}

/** 8 pods that have just started, and one client that has, too. */
function light({ name, description, rate, seconds, pods, clients }: Light): Scenario {
  return {
    name,
    description,
    durationMs: seconds * 1000,
    network: { rttMs: 0.2, noise: hiccups },
    servers: [{ name: "pod", count: 8, cores: 4, warmedByUse, ...pods }],
    clients: [{ name: "client", count: 1, rate, work: quickWork, ...clients }],
  };
}

/** With reports, and without. */
function bothWays(fleet: Light): readonly Scenario[] {
  const description = `${fleet.description} They report nothing.`;
  return [light(fleet), light({ ...fleet, name: `${fleet.name}-silent`, description, pods: { ...fleet.pods, reports: false } })];
}

const alwaysWarm: Scenario = {
  ...light({
    name: "light-100-clients-silent",
    description: "100 clients, 20 pods, exponential work of 2 ms, 3 % load, no reports; always warm: who was unlucky is not slow.",
    rate: 1200,
    seconds: 20,
    clients: { count: 100, work: { kind: "exponential", mean: 2 } },
  }),
  servers: [{ name: "pod", count: 20, cores: 4, reports: false }],
};

const scenarios: readonly Scenario[] = [
  ...bothWays({ name: "light-10", description: "1 client, 4 pods, 10 calls/s of 2 ms.", rate: 10, seconds: 40, pods: { count: 4 } }),
  ...bothWays({ name: "light-100", description: "1 client, 8 pods, 100 calls/s of 2 ms: 0.6 % load.", rate: 100, seconds: 80 }),
  ...bothWays({ name: "light-300", description: "1 client, 8 pods, 300 calls/s of 2 ms: 2 % load.", rate: 300, seconds: 27 }),
  ...bothWays({
    name: "light-20-pods",
    description: "1 client, 20 pods, 300 calls/s of 2 ms.",
    rate: 300,
    seconds: 67,
    pods: { count: 20 },
  }),
  ...bothWays({
    name: "light-4-clients",
    description: "4 clients, 8 pods, 300 calls/s of 2 ms.",
    rate: 300,
    seconds: 27,
    clients: { count: 4 },
  }),
  alwaysWarm,
  ...bothWays({
    name: "light-30-percent",
    description: "4 clients, 8 pods of 4 cores, exponential work of 20 ms, 30 % load.",
    rate: 480,
    seconds: 20,
    clients: { count: 4, work: { kind: "exponential", mean: 20 } },
  }),
  ...bothWays({
    name: "light-30-percent-one-core",
    description: "4 clients, 8 pods of one core, exponential work of 20 ms, 30 % load.",
    rate: 120,
    seconds: 70,
    pods: { cores: 1 },
    clients: { count: 4, work: { kind: "exponential", mean: 20 } },
  }),
];

/** In the short run as well. */
const short = ["light-100-silent", "light-300"];

export const lightLoad: Chapter = {
  number: 14,
  name: "Light load",
  question: "Where hardly anybody has a call in flight, and pods are quicker the more they are used: do all of them get calls?",
  cells: scenarios.map((scenario): Cell => ({ scenario, contenders: fewRivals, short: short.includes(scenario.name) })),
};
