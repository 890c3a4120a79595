import { expect, test } from "vitest";
import { entrantOf } from "../contenders/registry.ts";
import { shipped } from "../contenders/shipped.ts";
import type { RunResult } from "../result.ts";
import type { Scenario } from "../scenario.ts";
import { testScenario } from "../test-scenario.ts";
import { pooled, serviceBound } from "./one-server.ts";
import { exactJsq, omniscient } from "./oracles.ts";
import { meanWait } from "./theory.ts";

const byChance = entrantOf(shipped.find(({ name }) => name === "random") as (typeof shipped)[number]);
const knowing = [entrantOf(exactJsq), entrantOf(omniscient)];

const alike = testScenario({ clients: { rate: 850 } });
const antagonised = testScenario({
  servers: { cores: 2, antagonist: { median: 1, sigma: 0.3, floor: 0.5 } },
  clients: { count: 20, rate: 1600, work: { kind: "lognormal", mean: 10, scv: 4 } },
  network: { rttMs: 1 },
});
const unlike = testScenario({
  servers: {
    slowdown: 2,
    count: 4,
    faults: [{ kind: "pauses", fromMs: 0, pauseMs: 50, everyMs: 1000 }],
    leaves: { atMs: 6000, everyMs: 500, drainMs: 1000 },
  },
  clients: { rate: 650 },
});
const half: Scenario = {
  ...unlike,
  servers: [...unlike.servers, { name: "fast", count: 8, cores: 1, coldStart: { factor: 3, overMs: 2000 } }],
};

test.each([
  ["like servers", alike],
  ["antagonised servers", antagonised],
  ["unlike servers that come warm, pause and leave", half],
])("with %s, bounds are bounds: service <= pooled <= who knows everything <= chance, at the median and at p99", (_, scenario) => {
  const runs = (of: readonly { run(scenario: Scenario, seed: number): RunResult }[]) => of.map((one) => one.run(scenario, 1).latencyMs);
  const [service, together] = runs([serviceBound, pooled]) as [RunResult["latencyMs"], RunResult["latencyMs"]];
  const [chance] = runs([byChance]) as [RunResult["latencyMs"]];
  for (const quantile of ["p50", "p99"] as const) {
    const known = Math.min(...runs(knowing).map((latencyMs) => latencyMs[quantile]));
    expect(service[quantile]).toBeLessThanOrEqual(together[quantile]);
    expect(together[quantile]).toBeLessThan(known);
    expect(known).toBeLessThan(0.8 * chance[quantile]);
  }
});

test("all meet the same calls", () => {
  const calls = [serviceBound, pooled, ...knowing, byChance].map((one) => one.run(antagonised, 3).calls);
  expect(new Set(calls).size).toBe(1);
});

test("service bound: the quantiles of exponential work, and a round trip", () => {
  const { latencyMs } = serviceBound.run({ ...alike, network: { rttMs: 3, jitter: 0 } }, 1);
  for (const [quantile, share] of [
    ["p50", 0.5],
    ["p90", 0.9],
    ["p99", 0.99],
  ] as const) {
    // biome-ignore format: a table
    expect(Math.abs(latencyMs[quantile] / (3 - 10 * Math.log(1 - share)) - 1)).toBeLessThan(0.04);
  }
});

test("service bound: of servers that differ, by the fastest", () => {
  const slow = testScenario({ servers: { slowdown: 3 }, clients: { rate: 100, work: { kind: "constant", value: 10 } } });
  expect(serviceBound.run(slow, 1).latencyMs.p50).toBeCloseTo(30, 6);
  const mixed = { ...slow, servers: [...slow.servers, { name: "fast", count: 1, cores: 1, slowdown: 0.5 }] };
  expect(serviceBound.run(mixed, 1).latencyMs.p999).toBeCloseTo(5, 6);
});

test("pooled: takes as long on average as M/M/k", () => {
  const busy = {
    ...alike,
    durationMs: 60_000,
    clients: [{ name: "client", count: 1, rate: 900, work: alike.clients[0]?.work }],
  } as Scenario;
  const measured = pooled.run(busy, 1).latencyMs.mean;
  expect(Math.abs(measured / (10 + meanWait(10, 0.9, 10)) - 1)).toBeLessThan(0.04);
});

/** Two servers of one core each, with 1.5 cores' worth of calls. */
const pair = testScenario({ servers: { count: 2 }, clients: { rate: 150, timeoutMs: 60_000, work: { kind: "constant", value: 10 } } });

test("pooled: has what works at the moment, from all servers together", () => {
  const whole = pooled.run(pair, 1).latencyMs.p99;
  const p99With = (fields: Partial<Scenario["servers"][number]>) =>
    pooled.run({ ...pair, servers: [{ name: "pod", count: 2, cores: 1, ...fields }] }, 1).latencyMs.p99;
  // With one of them for 2 of 10 s, half a second of work per second piles up.
  expect(whole).toBeLessThan(200);
  const fault = { fromMs: 4000, toMs: 6000, servers: 1 };
  for (const kind of ["hang", "down"] as const) expect(p99With({ faults: [{ kind, ...fault }] })).toBeGreaterThan(500);
  expect(p99With({ faults: [{ kind: "slow", factor: 2, ...fault, servers: 2 }] })).toBeGreaterThan(500);
  expect(p99With({ joins: { atMs: 0, everyMs: 2000 } })).toBeGreaterThan(500);
  expect(p99With({ count: 3, slowdown: 1.5 })).toBeLessThan(200);
  expect(p99With({ faults: [{ kind: "errors", share: 1, fromMs: 0 }] })).toBe(whole);
});

test("pooled: stands still when nobody works, and goes on", () => {
  const { latencyMs, errorShare, utilization } = pooled.run(
    { ...pair, servers: [{ name: "pod", count: 2, cores: 1, faults: [{ kind: "hang", fromMs: 2000, toMs: 4000 }] }] },
    1,
  );
  expect(errorShare).toBe(0);
  expect(latencyMs.p99).toBeGreaterThan(1500);
  expect(utilization.mean).toBeGreaterThan(0.7);
});
