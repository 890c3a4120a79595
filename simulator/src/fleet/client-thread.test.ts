import { expect, test } from "vitest";
import { shippedAs } from "../contenders/shipped.ts";
import { VirtualTime } from "../engine/virtual-time.ts";
import { runScenario } from "../run-scenario.ts";
import type { Scenario } from "../scenario.ts";
import { testScenario } from "../test-scenario.ts";
import { ClientThread } from "./client-thread.ts";

test("what comes while there is work to do waits its turn", () => {
  const time = new VirtualTime();
  const thread = new ClientThread(time);
  const log: string[] = [];
  const note = (name: string) => () => log.push(`${time.nowMs} ${name}`);
  time.at(10, () => {
    thread.run(5, note("first"));
    thread.run(1, note("second"));
  });
  time.at(12, () => thread.run(2, note("third")));
  time.at(100, () => thread.run(3, note("later")));
  time.run(() => false);
  expect(log).toEqual(["15 first", "16 second", "18 third", "103 later"]);
});

/** A hundred cores for calls of 10 ms; the first call and its answer have the client to themselves. */
function busyClient(rate: number, ownWorkMs: number, rest: Partial<Scenario["clients"][number]> = {}): Scenario {
  return testScenario({
    network: { rttMs: 2, jitter: 0 },
    servers: { cores: 100 },
    clients: { rate, work: { kind: "constant", value: 10 }, ownWork: { kind: "constant", value: ownWorkMs }, ...rest },
  });
}

test("a client's own work comes before each call and after each answer, and calls wait for that of others", () => {
  expect(runScenario(busyClient(1, 3), shippedAs("p2c"), 1).latencyMs.p50).toBeCloseTo(3 + 12 + 3, 9);
  expect(runScenario(busyClient(100, 4), shippedAs("p2c"), 1).latencyMs.mean).toBeGreaterThan(3 + 12 + 3 + 4);
});

test("the balancer sees an answer as late as its client does, and the server does not", () => {
  const latencies: number[] = [];
  const p2c = shippedAs("p2c");
  const watched: typeof p2c = {
    ...p2c,
    create: (env) => {
      const balancer = p2c.create(env);
      return {
        update: (endpoints, nowMs) => balancer.update(endpoints, nowMs),
        observe: (id, what, nowMs) => balancer.observe(id, what, nowMs),
        acquire: (context, nowMs) => {
          const lease = balancer.acquire(context, nowMs);
          return (
            lease && {
              endpoint: lease.endpoint,
              responded: (report, atMs) => {
                latencies.push(atMs - nowMs);
                expect(report?.latencyMs).toBeCloseTo(10, 9);
                lease.responded(report, atMs);
              },
              settle: (outcome, atMs) => lease.settle(outcome, atMs),
            }
          );
        },
      };
    },
  };
  runScenario(busyClient(1, 3), watched, 1);
  expect(latencies.length).toBeGreaterThan(3);
  for (const latencyMs of latencies) expect(latencyMs).toBeCloseTo(12 + 3, 9);
});

test("a call that timed out before its client came to it is never sent, and an answer that came too late is none", () => {
  // 200 calls a second of 10 ms on one thread: twice as much as it can do.
  const scenario = busyClient(200, 10, { timeoutMs: 100 });
  const { calls, errorShare, latencyMs, attemptsPerCall, perServer } = runScenario(scenario, shippedAs("p2c"), 1);
  expect(errorShare).toBeGreaterThan(0.4);
  expect(latencyMs.p999).toBeCloseTo(100, 9);
  expect(attemptsPerCall).toBeLessThan(1);
  expect(perServer.reduce((sum, server) => sum + server.calls, 0)).toBeLessThan(calls);
});
