import { createBalancer } from "meshless/balancer";
import { expect, test } from "vitest";
import type { Contender } from "./contender.ts";
import { shipped, shippedAs } from "./contenders/shipped.ts";
import type { RunResult } from "./result.ts";
import { runScenario } from "./run-scenario.ts";
import type { Scenario, ServerGroup } from "./scenario.ts";
import { testScenario } from "./test-scenario.ts";

const randomly = shippedAs("random");
const twoChoices = shippedAs("p2c");

/** Something of everything. */
const eventful: Scenario = {
  name: "eventful",
  description: "For a test.",
  durationMs: 6_000,
  warmUpMs: 500,
  network: { rttMs: 1, crossZoneRttMs: 3, noise: { kind: "exponential", mean: 0.2 }, connectionWarmUp: { addedMs: 5, calls: 3 } },
  servers: [
    { name: "a", count: 4, zone: "a", cores: 2, antagonist: { median: 1, sigma: 0.3, floor: 0.2 }, reports: { delayMs: 5, loss: 0.1 } },
    {
      name: "b",
      count: 4,
      zone: "b",
      cores: 2,
      faults: [
        { kind: "pauses", fromMs: 0, pauseMs: 50, everyMs: 700 },
        { kind: "errors", fromMs: 2_000, share: 0.2, servers: 1 },
        { kind: "refuses", fromMs: 3_000, share: 0.2, servers: 1 },
      ],
      warmedByUse: { addedMs: 10, halfAfterCalls: 5, forgetsMs: 1_000 },
    },
    {
      name: "c",
      count: 2,
      cores: 1,
      discipline: "fifo",
      coldStart: { factor: 3, overMs: 500 },
      joins: { atMs: 1_000, everyMs: 500 },
      leaves: { atMs: 4_000, everyMs: 500, drainMs: 300 },
    },
    {
      name: "d",
      count: 1,
      cores: 2,
      faults: [
        { kind: "down", fromMs: 2_000, toMs: 3_000 },
        { kind: "slow", fromMs: 4_000, factor: 2 },
      ],
    },
  ],
  clients: [
    { name: "one", count: 5, zone: "a", rate: 500, rateSigma: 0.5, work: { kind: "normal", mean: 10, deviation: 10 }, idempotent: true },
    {
      name: "other",
      count: 5,
      rate: [
        { atMs: 0, perSecond: 100, ramp: true },
        { atMs: 6_000, perSecond: 900 },
      ],
      burst: 3,
      ownWork: { kind: "exponential", mean: 0.5 },
      mistaken: { share: 0.1 },
      work: { kind: "lognormal", mean: 8, scv: 4 },
      timeoutMs: 200,
      keys: { count: 20, zipf: 1 },
    },
    { name: "old", count: 3, rate: 50, work: { kind: "constant", value: 5 }, unbalanced: true },
  ],
  windows: [{ label: "middle", fromMs: 2_000, toMs: 4_000 }],
};

const comparable = ({ wallMs, ...rest }: RunResult) => rest;

test("the same scenario, contender and seed give the same result; another seed does not", () => {
  const first = comparable(runScenario(eventful, twoChoices, 1));
  expect(comparable(runScenario(eventful, twoChoices, 1))).toEqual(first);
  expect(comparable(runScenario(eventful, twoChoices, 2)).latencyMs).not.toEqual(first.latencyMs);
});

test("every policy that ships gets through an eventful scenario, and every call is counted once", () => {
  for (const contender of shipped) {
    const result = runScenario(eventful, contender, 1);
    expect(result.contender).toBe(contender.name);
    expect(result.calls).toBe(result.timeline.reduce((sum, second) => sum + second.calls, 0));
    expect(result.errorShare * result.calls).toBeCloseTo(
      result.timeline.reduce((sum, second) => sum + second.errors, 0),
      6,
    );
    expect(result.cdf.share.at(-1)).toBe(1);
    expect(JSON.parse(JSON.stringify(result))).toEqual(structuredClone(result));
  }
});

test("contenders meet the same calls: they arrive together and have the same work, whatever is drawn elsewhere", () => {
  const scenario = testScenario({ servers: { cores: 1_000 }, clients: { count: 7, burst: 2, rateSigma: 1 }, network: { rttMs: 2 } });
  const arrivals = new Map<string, number[]>();
  const watched = ({ name, create }: Contender): Contender => ({
    name,
    description: "",
    create: (env) => {
      const balancer = create(env);
      return {
        update: (endpoints, nowMs) => balancer.update(endpoints, nowMs),
        observe: (id, what, nowMs) => balancer.observe(id, what, nowMs),
        acquire: (context, nowMs) => {
          arrivals.set(name, [...(arrivals.get(name) ?? []), nowMs]);
          return balancer.acquire(context, nowMs);
        },
      };
    },
  });
  // With a core for each call, its latency is its work and its network, wherever it goes.
  const [one, other] = [randomly, twoChoices].map((contender) => runScenario(scenario, watched(contender), 1));
  expect(arrivals.get("p2c")).toEqual(arrivals.get("random"));
  expect(other?.cdf).toEqual(one?.cdf);
  expect(other?.latencyMs.p50).toBe(one?.latencyMs.p50);
});

test("contenders meet the same antagonists, pauses and errors", () => {
  const capacities: number[][] = [];
  const looking = (policy: typeof randomly): Contender => ({
    ...policy,
    create: (env) => {
      const seen: number[] = [];
      capacities.push(seen);
      const look = () => {
        for (const id of ["a-0", "a-3", "b-0", "b-2", "c-1", "d-0"])
          seen.push(env.oracle?.capacity(id) ?? 0, env.oracle?.slowness(id) ?? 0);
        env.after(13, look);
      };
      look();
      return policy.create(env);
    },
  });
  const scenario = { ...eventful, clients: eventful.clients.slice(0, 1).map((group) => ({ ...group, count: 1 })) };
  runScenario(scenario, looking(randomly), 1);
  runScenario(scenario, looking(twoChoices), 1);
  const length = Math.min(...capacities.map((seen) => seen.length));
  expect(length).toBeGreaterThan(5_000 / 13);
  expect(capacities[0]?.slice(0, length)).toEqual(capacities[1]?.slice(0, length));
});

test("calls that arrive during the warm-up are not measured; windows have figures of their own", () => {
  const scenario = testScenario({
    warmUpMs: 2_000,
    clients: {
      rate: [
        { atMs: 0, perSecond: 500 },
        { atMs: 5_000, perSecond: 100 },
      ],
    },
    windows: [
      { label: "all", fromMs: 0, toMs: 10_000 },
      { label: "late", fromMs: 5_000, toMs: 10_000 },
    ],
  });
  const { calls, windows, timeline, latencyMs } = runScenario(scenario, twoChoices, 1);
  expect(calls / (3 * 500 + 5 * 100)).toBeCloseTo(1, 1);
  expect(windows[0]).toMatchObject({ label: "all", calls, latencyMs });
  expect((windows[1]?.calls ?? 0) / 500).toBeCloseTo(1, 0.7);
  expect(timeline.map(({ atMs }) => atMs)).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((second) => second * 1_000));
});

test("servers that come or go don't count in the spread, but are listed", () => {
  const scenario: Scenario = {
    ...testScenario(),
    servers: [
      { name: "lasting", count: 4, cores: 1 },
      { name: "late", count: 1, cores: 1, joins: { atMs: 9_000 } },
      { name: "brief", count: 1, cores: 1, leaves: { atMs: 1_000, drainMs: 200 } },
    ],
    clients: [{ name: "client", count: 4, rate: 200, work: { kind: "exponential", mean: 10 } }],
  };
  const { perServer, callsMaxOverMean, callsCv } = runScenario(scenario, shippedAs("round-robin"), 1);
  expect(perServer.map(({ id }) => id)).toEqual(["lasting-0", "lasting-1", "lasting-2", "lasting-3", "late-0", "brief-0"]);
  expect(callsMaxOverMean).toBeLessThan(1.1);
  expect(callsCv).toBeLessThan(0.1);
  const calls = Object.fromEntries(perServer.map((server) => [server.id, server.calls]));
  expect(calls["late-0"]).toBeGreaterThan(10);
  expect(calls["late-0"]).toBeLessThan((calls["lasting-0"] as number) / 5);
  expect(calls["brief-0"]).toBeLessThan((calls["lasting-0"] as number) / 5);
});

test("a call belongs to the group of the server that took it last", () => {
  const scenario: Scenario = {
    ...testScenario({ warmUpMs: 1_000 }),
    servers: [
      { name: "quick", count: 2, cores: 100 },
      { name: "slow", count: 2, cores: 100, slowdown: 10 },
      { name: "gone", count: 1, cores: 1, leaves: { atMs: 1, staysListedMs: 20_000 } },
    ],
    clients: [{ name: "client", count: 4, rate: 200, work: { kind: "constant", value: 10 } }],
  };
  const { calls, perGroup } = runScenario(scenario, shippedAs("round-robin"), 1);
  expect(perGroup).toEqual([
    { group: "quick", calls: expect.closeTo(calls / 2, -2), p99Ms: expect.closeTo(10, 6) },
    { group: "slow", calls: expect.closeTo(calls / 2, -2), p99Ms: expect.closeTo(100, 6) },
    { group: "gone", calls: 0, p99Ms: 0 },
  ]);
  expect(perGroup.reduce((sum, group) => sum + group.calls, 0)).toBe(calls);
});

test("clients that are not balanced yet keep to one pod each, whatever the contender", () => {
  const scenario = testScenario({ servers: { count: 50, cores: 4 }, clients: { count: 10, unbalanced: true } });
  const { perServer } = runScenario(scenario, twoChoices, 1);
  const used = perServer.filter(({ calls }) => calls > 0).length;
  expect(used).toBeGreaterThan(1);
  expect(used).toBeLessThanOrEqual(10);
});

/** Asks the server each second. */
function probed(servers: Partial<ServerGroup>) {
  const answers: { atMs: number; inFlight: number; latencyMs: number | undefined }[] = [];
  const probing: Contender = {
    name: "probing",
    description: "",
    create: (env) => {
      const ask = () => {
        env.probe("pod-0", (answer) => answers.push({ atMs: env.now(), ...answer }));
        env.after(1_000, ask);
      };
      env.after(1_000, ask);
      return createBalancer({ random: env.random });
    },
  };
  const scenario = testScenario({
    network: { rttMs: 10, jitter: 0 },
    servers: { count: 1, cores: 1_000, ...servers },
    clients: { rate: 500, work: { kind: "constant", value: 20 } },
  });
  return { answers, result: runScenario(scenario, probing, 1) };
}

test("probes travel, tell the truth, and are counted", () => {
  const { answers, result } = probed({});
  // The tenth is sent when the measured time is over.
  expect(result.probesPerCall * result.calls).toBeCloseTo(9, 6);
  expect(answers.map(({ atMs }) => atMs)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((second) => second * 1_000 + 10));
  expect(answers.reduce((sum, { inFlight }) => sum + inFlight, 0) / 10).toBeCloseTo(10, -1);
  expect(answers.at(-1)?.latencyMs).toBeCloseTo(20, 6);
});

test("a server that is down answers no probe, a paused one late, and a lying one with its lie", () => {
  const seconds = ({ answers }: ReturnType<typeof probed>) => answers.map(({ atMs }) => Math.floor(atMs / 1_000));
  expect(seconds(probed({ faults: [{ kind: "down", fromMs: 2_500, toMs: 6_500 }] }))).toEqual([1, 2, 7, 8, 9, 10]);
  const paused = probed({ faults: [{ kind: "pauses", fromMs: 0, pauseMs: 900, everyMs: 1_000 }] }).answers.map(({ atMs }) => atMs % 1_000);
  expect(paused.some((late) => late > 15)).toBe(true);
  expect(probed({ reports: { lie: { inFlight: 1 } } }).answers.every(({ inFlight }) => inFlight === 1)).toBe(true);
});

test("a scenario that makes no sense is refused", () => {
  expect(() => runScenario(testScenario({ servers: { cores: -1 } }), twoChoices, 1)).toThrow(
    "servers[0].cores is -1: give a number above 0",
  );
});
