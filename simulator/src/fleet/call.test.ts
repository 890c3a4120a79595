import { createBalancer, type PickContext } from "meshless/balancer";
import { expect, test } from "vitest";
import type { Contender } from "../contender.ts";
import { shippedAs } from "../contenders/shipped.ts";
import { runScenario } from "../run-scenario.ts";
import type { Scenario } from "../scenario.ts";
import { testScenario } from "../test-scenario.ts";

const twoChoices = shippedAs("p2c");
const bouncing: Contender = { ...twoChoices, name: "bouncing", mayBounce: true };
const work = { kind: "constant", value: 10 } as const;

/** The contender, and the endpoints that its calls avoided. */
function watched(contender: Contender): { contender: Contender; contexts: PickContext[] } {
  const contexts: PickContext[] = [];
  return {
    contexts,
    contender: {
      ...contender,
      create: (env) => {
        const balancer = contender.create(env);
        return {
          update: (endpoints, nowMs) => balancer.update(endpoints, nowMs),
          observe: (id, what, nowMs) => balancer.observe(id, what, nowMs),
          acquire: (context, nowMs) => {
            contexts.push({ ...context, avoid: context.avoid && new Set(context.avoid) });
            return balancer.acquire(context, nowMs);
          },
        };
      },
    },
  };
}

test("the time-out covers the whole call; it counts with the time-out, against the server, and is not made again", () => {
  const scenario = testScenario({
    servers: { count: 1, cores: 100, slowdown: 100 },
    clients: { work, timeoutMs: 300, idempotent: true },
    network: { rttMs: 10 },
  });
  const { latencyMs, errorShare, attemptsPerCall, perServer, calls } = runScenario(scenario, twoChoices, 1);
  expect([errorShare, attemptsPerCall]).toEqual([1, 1]);
  expect(latencyMs.p50).toBeCloseTo(300, 9);
  expect(latencyMs.p999).toBeCloseTo(300, 9);
  expect(perServer[0]?.errors).toBe(calls);
});

test("who was given up leaves the server once the cancel is there: what is left is work of others", () => {
  const inFlight: number[] = [];
  const looking: Contender = {
    ...twoChoices,
    create: (env) => {
      for (const atMs of [5_000, 5_500, 6_000, 9_000]) env.after(atMs, () => inFlight.push(env.oracle?.inFlight("pod-0") ?? Number.NaN));
      return createBalancer({ random: env.random });
    },
  };
  const scenario = testScenario({
    servers: { count: 1, cores: 1, faults: [{ kind: "hang", fromMs: 0 }] },
    clients: {
      rate: [
        { atMs: 0, perSecond: 1_000 },
        { atMs: 5_000, perSecond: 0 },
      ],
      work,
      timeoutMs: 1_000,
    },
    network: { rttMs: 100, jitter: 0 },
  });
  runScenario(scenario, looking, 1);
  expect(inFlight[0]).toBeCloseTo(1_050, -2);
  expect(inFlight[1]).toBeCloseTo(550, -2);
  expect(inFlight[2]).toBeGreaterThan(0);
  expect(inFlight[2]).toBeLessThan(100);
  expect(inFlight[3]).toBe(0);
});

test("who was given up on the way makes no work: the cancel is right behind", () => {
  const scenario = testScenario({ clients: { work, timeoutMs: 100 }, network: { rttMs: 400 } });
  const { errorShare, perServer, utilization } = runScenario(scenario, twoChoices, 1);
  expect(errorShare).toBe(1);
  expect(perServer.every(({ calls }) => calls === 0)).toBe(true);
  expect(utilization.mean).toBe(0);
});

test("an idempotent call whose connection broke is made again elsewhere, but not twice", () => {
  const scenario: Scenario = {
    ...testScenario({ network: { rttMs: 2 }, clients: { idempotent: true, work: { kind: "constant", value: 1_000 } } }),
    servers: [
      { name: "leaving", count: 2, cores: 1_000, leaves: { atMs: 5_000, everyMs: 500 } },
      { name: "staying", count: 1, cores: 1_000 },
    ],
  };
  const { perServer, errorShare, calls, attemptsPerCall } = runScenario(scenario, shippedAs("random"), 1);
  // 500 calls a second of a second each: a third of 500 is lost, half of those again, and with them half of what came meanwhile, once.
  expect(attemptsPerCall * calls - calls).toBeGreaterThan(500 / 3 + 100);
  expect(errorShare * calls).toBeGreaterThan(500 / 6 - 40);
  expect(errorShare * calls).toBeLessThan(500 / 6 + 40);
  expect(perServer[2]?.errors).toBe(0);
});

test("an attempt that takes too long is given up and made elsewhere, as often as the policy says, within the call's time", () => {
  const scenario = testScenario({
    servers: { count: 4, cores: 100, faults: [{ kind: "hang", fromMs: 0, servers: 2 }] },
    clients: {
      rate: 50,
      work,
      timeoutMs: 1_000,
      idempotent: true,
      retry: { perAttemptTimeoutMs: 100, budget: { share: 1, minPerSecond: 100 } },
    },
  });
  const { errorShare, attemptsPerCall, latencyMs } = runScenario(scenario, shippedAs("random"), 1);
  // Half, and a third of those that are left, hang; whoever was tried is avoided, so that the third attempt finds one that works.
  expect(errorShare).toBe(0);
  expect(attemptsPerCall).toBeCloseTo(1 + 1 / 2 + 1 / 6, 1);
  expect(latencyMs.p999).toBeCloseTo(210, 0);
});

test("repeats are within the budget of each client, and there are none beyond it", () => {
  const failing = (retry: object) =>
    runScenario(
      testScenario({
        durationMs: 60_000,
        servers: { faults: [{ kind: "errors", share: 1, fromMs: 0 }] },
        clients: { count: 2, rate: 100, work, idempotent: true, retry },
      }),
      twoChoices,
      1,
    );
  // In its first seconds, a client has the floor of ten.
  expect(failing({ budget: { share: 0.2, minPerSecond: 0 } }).attemptsPerCall).toBeCloseTo(1.2, 2);
  expect(failing({ budget: { share: 1, minPerSecond: 1_000 } }).attemptsPerCall).toBe(3);
  expect(failing({ codes: ["aborted"] }).attemptsPerCall).toBe(1);
});

test("a server bounces from its limit on", () => {
  const scenario = testScenario({
    durationMs: 1_000,
    servers: { count: 2, bounceLimit: 3 },
    clients: { rate: 15, timeoutMs: 100_000, work: { kind: "constant", value: 20_000 } },
  });
  const { calls, bouncesPerCall } = runScenario(scenario, bouncing, 1);
  expect(calls).toBeGreaterThan(6);
  // Both servers bounce the call, which then returns to one of them.
  expect(calls * bouncesPerCall).toBeCloseTo(2 * (calls - 6), 6);
});

test("a bounced call goes elsewhere at once, avoiding who bounced it, without work done or an error", () => {
  const { contender, contexts } = watched(bouncing);
  const scenario = testScenario({ servers: { bounceLimit: 1 }, clients: { count: 20, rate: 500 } });
  const { bouncesPerCall, attemptsPerCall, errorShare, perServer, calls } = runScenario(scenario, contender, 1);
  expect(bouncesPerCall).toBeGreaterThan(0.2);
  expect(attemptsPerCall).toBeCloseTo(1 + bouncesPerCall, 9);
  expect(errorShare).toBe(0);
  expect(perServer.reduce((sum, server) => sum + server.calls, 0)).toBe(calls);
  expect(Math.max(...contexts.map(({ avoid }) => avoid?.size ?? 0))).toBe(2);
});

test("when all are above their limits, a fifth of the attempts is bounced and no more", () => {
  const scenario = testScenario({ servers: { bounceLimit: 1 }, clients: { rate: 1_500, timeoutMs: 300 } });
  const { bouncesPerCall, attemptsPerCall } = runScenario(scenario, bouncing, 1);
  expect(bouncesPerCall / attemptsPerCall).toBeCloseTo(0.2, 2);
});

test("when everybody has bounced the call, one of them takes it", () => {
  const scenario = testScenario({ servers: { count: 2, cores: 50, bounceLimit: 1 }, clients: { work } });
  const { bouncesPerCall, errorShare, latencyMs } = runScenario(scenario, bouncing, 1);
  expect(errorShare).toBe(0);
  expect(bouncesPerCall).toBeGreaterThan(0.2);
  expect(latencyMs.p999).toBeCloseTo(10, 9);
});

test("who bounced a call does not bounce it again when it returns, having found nobody else", () => {
  const scenario = testScenario({
    durationMs: 1_000,
    servers: { count: 2, bounceLimit: 1, faults: [{ kind: "down", fromMs: 0, servers: 1 }] },
    clients: { rate: 10, timeoutMs: 100_000, work: { kind: "constant", value: 20_000 } },
  });
  const { calls, bouncesPerCall } = runScenario(scenario, bouncing, 1);
  expect(calls).toBeGreaterThan(3);
  expect(calls * bouncesPerCall).toBeCloseTo(calls - 1, 6);
});

test("with one server only, nothing is bounced", () => {
  const scenario = testScenario({ servers: { count: 1, cores: 50, bounceLimit: 1 }, clients: { work } });
  expect(runScenario(scenario, bouncing, 1).bouncesPerCall).toBe(0);
});

test("who may not be bounced is not", () => {
  const scenario = testScenario({ servers: { bounceLimit: 1 } });
  expect(runScenario(scenario, twoChoices, 1).bouncesPerCall).toBe(0);
});

test("a contender that offers the same endpoint again has nobody to offer", () => {
  const stubborn: Contender = {
    ...twoChoices,
    create: (env) => {
      const balancer = createBalancer({ random: env.random });
      return {
        update: (endpoints, nowMs) => balancer.update(endpoints.slice(0, 1), nowMs),
        observe: () => {},
        acquire: (context, nowMs) => balancer.acquire({ ...context, avoid: undefined }, nowMs),
      };
    },
  };
  const scenario = testScenario({
    servers: { faults: [{ kind: "down", fromMs: 1_000 }] },
    network: { rttMs: 2 },
  });
  const { errorShare, attemptsPerCall } = runScenario(scenario, stubborn, 1);
  expect(errorShare).toBeGreaterThan(0.85);
  expect(attemptsPerCall).toBe(1);
});

test("calls carry their keys", () => {
  const { contender, contexts } = watched(twoChoices);
  const scenario = testScenario({ clients: { keys: { count: 3 } } });
  runScenario(scenario, contender, 1);
  expect(new Set(contexts.map(({ hashKey }) => hashKey))).toEqual(new Set(["key-0", "key-1", "key-2"]));
});

test("calls come in bursts that are geometric, without being more", () => {
  const burst = 5;
  const times: number[] = [];
  const timing: Contender = {
    ...twoChoices,
    create: (env) => {
      const balancer = twoChoices.create(env);
      return {
        update: (endpoints, nowMs) => balancer.update(endpoints, nowMs),
        observe: () => {},
        acquire: (context, nowMs) => {
          times.push(nowMs);
          return balancer.acquire(context, nowMs);
        },
      };
    },
  };
  runScenario(testScenario({ servers: { cores: 1_000 }, clients: { rate: 5_000, burst } }), timing, 1);
  expect(times.length / 50_000).toBeCloseTo(1, 1.3);
  expect(times.length / new Set(times).size).toBeCloseTo(burst, 0.7);
});
