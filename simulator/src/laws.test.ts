// What queueing theory knows in closed form, the simulator has to find.
import { createBalancer } from "meshless/balancer";
import { describe, expect, test } from "vitest";
import { meanWait, processorSharingTime, supermarketTime } from "./bounds/theory.ts";
import type { Contender } from "./contender.ts";
import { shippedAs } from "./contenders/shipped.ts";
import { runScenario } from "./run-scenario.ts";
import type { Distribution } from "./scenario.ts";
import { testScenario } from "./test-scenario.ts";

/** Splits the arrivals at random, which makes every server a queue of its own with Poisson arrivals. */
const randomly = shippedAs("random");
const twoChoices = shippedAs("p2c");

const exponential = { kind: "exponential", mean: 10 } as const;

/** Calls per second that make this load on servers with so many cores, at 10 ms of work. */
const rateFor = (load: number, cores: number) => load * cores * 100;

describe("one core shared by all its calls (M/G/1-PS) takes 1 / (1 - load) times as long on average, whatever the calls' sizes", () => {
  const twoKinds: Distribution = {
    kind: "mixture",
    parts: [
      { share: 0.9, of: { kind: "exponential", mean: 10 / 1.8 } },
      { share: 0.1, of: { kind: "exponential", mean: 50 } },
    ],
  };
  test.each<[string, Distribution]>([
    ["constant", { kind: "constant", value: 10 }],
    ["exponential", exponential],
    ["hyperexponential", twoKinds],
  ])("%s", (_, work) => {
    const scenario = testScenario({
      durationMs: 60_000,
      warmUpMs: 5_000,
      servers: { count: 40 },
      clients: { rate: rateFor(0.6, 40), work },
    });
    const result = runScenario(scenario, randomly, 1);
    expect(result.latencyMs.mean / processorSharingTime(10, 0.6)).toBeCloseTo(1, 1.3);
  });
});

test("k cores with one line in order of arrival (M/M/k) make calls wait as Erlang's formula says", () => {
  const scenario = testScenario({
    durationMs: 26_000,
    warmUpMs: 1_000,
    servers: { count: 10, cores: 4, discipline: "fifo" },
    clients: { rate: rateFor(0.8, 40) },
  });
  const { latencyMs } = runScenario(scenario, randomly, 1);
  expect((latencyMs.mean - 10) / meanWait(4, 0.8, 10)).toBeCloseTo(1, 1);
});

test("one core with a line in order of arrival (M/M/1): the time in the system is exponential", () => {
  const scenario = testScenario({
    durationMs: 26_000,
    warmUpMs: 1_000,
    servers: { count: 40, discipline: "fifo" },
    clients: { rate: rateFor(0.6, 40) },
  });
  const { latencyMs } = runScenario(scenario, randomly, 1);
  expect(latencyMs.mean / 25).toBeCloseTo(1, 1.3);
  expect(latencyMs.p50 / (25 * Math.log(2))).toBeCloseTo(1, 1.3);
  expect(latencyMs.p99 / (25 * Math.log(100))).toBeCloseTo(1, 1);
});

test("n servers and two choices (the supermarket model)", () => {
  const scenario = testScenario({ durationMs: 6_000, warmUpMs: 1_000, servers: { count: 200 }, clients: { rate: rateFor(0.9, 200) } });
  const { latencyMs } = runScenario(scenario, twoChoices, 1);
  expect(latencyMs.mean / supermarketTime(2, 0.9, 10)).toBeCloseTo(1, 1);
});

test("utilization is the load that is offered, and calls are answered as they come", () => {
  const scenario = testScenario({
    durationMs: 20_000,
    warmUpMs: 2_000,
    servers: { count: 20, cores: 2.5 },
    clients: { rate: rateFor(0.7, 50) },
  });
  const { utilization, calls } = runScenario(scenario, twoChoices, 1);
  expect(calls / (18 * rateFor(0.7, 50))).toBeCloseTo(1, 1.5);
  expect(utilization.mean).toBeCloseTo(0.7, 1.7);
});

test("calls in flight are arrivals times latency (Little's law)", () => {
  let sum = 0;
  let samples = 0;
  const counting: Contender = {
    name: "counting",
    description: "p2c that looks at the servers every ms",
    create: (env) => {
      const look = () => {
        env.after(1, look);
        if (env.now() < 2_000 || env.now() >= 20_000) return;
        samples += 1;
        for (let pod = 0; pod < 10; pod += 1) sum += env.oracle?.inFlight(`pod-${pod}`) ?? Number.NaN;
      };
      look();
      return createBalancer({ random: env.random });
    },
  };
  const scenario = testScenario({ durationMs: 20_000, warmUpMs: 2_000, clients: { rate: rateFor(0.8, 10) } });
  const { calls, latencyMs } = runScenario(scenario, counting, 1);
  expect(sum / samples / ((calls / 18_000) * latencyMs.mean)).toBeCloseTo(1, 1.7);
});

test("two zones of a network are as far apart as it says", () => {
  const scenario = testScenario({
    network: { rttMs: 2, crossZoneRttMs: 50, jitter: 0.2 },
    servers: { cores: 100, zone: "a" },
    clients: { zone: "b", work: { kind: "constant", value: 10 } },
  });
  const { latencyMs, crossZoneShare } = runScenario(scenario, twoChoices, 1);
  expect(latencyMs.mean).toBeCloseTo(60, 0);
  expect(latencyMs.p999).toBeLessThanOrEqual(70);
  // There and back are jittered on their own: their sum is spread like a triangle.
  expect(latencyMs.p90).toBeCloseTo(60 + 10 * (1 - Math.sqrt(0.2)), 0);
  expect(crossZoneShare).toBe(1);
});
