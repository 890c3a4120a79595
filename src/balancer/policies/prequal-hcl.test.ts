import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer } from "../balancer.ts";
import { createBalancer } from "../create-balancer.ts";
import type { Outcome } from "../outcome.ts";
import { type PrequalHclOptions, prequalHcl } from "./prequal-hcl.ts";

const CALL = { method: "shop.Checkout/Pay" };

function balancerOf(ids: readonly string[], options: PrequalHclOptions = {}, seed = 7): Balancer {
  const balancer = createBalancer({ policy: prequalHcl(options), random: seededRandom(seed), ejection: false, slowStart: false });
  balancer.update(endpoints(ids), 0);
  return balancer;
}

function endpoints(ids: readonly string[]) {
  return ids.map((id) => testEndpoint({ id }));
}

/** Makes one call on exactly this endpoint. */
function callOn(balancer: Balancer, id: string, outcome: Outcome, nowMs: number): void {
  const others = balancer.inspect(nowMs).members.map((member) => member.endpoint.id);
  const lease = balancer.acquire({ ...CALL, avoid: new Set(others.filter((other) => other !== id)) }, nowMs);
  expect(lease?.endpoint.id).toBe(id);
  lease?.settle(outcome, nowMs);
}

function answer(latencyMs: number): Outcome {
  return testOutcome("success", { latencyMs });
}

function report(balancer: Balancer, id: string, inFlight: number, nowMs: number): void {
  balancer.observe(id, { requestsPerSecond: 0, errorsPerSecond: 0, utilization: 0, inFlight }, nowMs);
}

/** Who would get the next call; it is taken back at once. */
function favourite(balancer: Balancer, nowMs: number): string | undefined {
  const lease = balancer.acquire(CALL, nowMs);
  lease?.settle(testOutcome("abandoned"), nowMs);
  return lease?.endpoint.id;
}

/** Who gets the next call, whatever is drawn. */
function winners(make: (seed: number) => Balancer, nowMs = 0): ReadonlySet<string | undefined> {
  return new Set(Array.from({ length: 50 }, (_, seed) => favourite(make(seed), nowMs)));
}

/** "fast" answers in 10 ms, "slow" in 100; in most reports, servers work on one call. */
function fastAndSlow(options: PrequalHclOptions = {}, seed = 7): Balancer {
  const balancer = balancerOf(["fast", "slow"], options, seed);
  callOn(balancer, "fast", answer(10), 0);
  callOn(balancer, "slow", answer(100), 0);
  for (let round = 0; round < 10; round += 1) {
    report(balancer, "fast", 1, 0);
    report(balancer, "slow", 1, 0);
  }
  return balancer;
}

function fastAndSlowWith(fastInFlight: number, slowInFlight: number, options: PrequalHclOptions = {}) {
  return (seed: number) => {
    const balancer = fastAndSlow(options, seed);
    report(balancer, "fast", fastInFlight, 0);
    report(balancer, "slow", slowInFlight, 0);
    return balancer;
  };
}

test("of two that are not hot, the faster takes the call, even if it is busier", () => {
  expect(winners(fastAndSlowWith(1, 1))).toEqual(new Set(["fast"]));
  expect(winners(fastAndSlowWith(1, 0))).toEqual(new Set(["fast"]));
});

test("one that works on more calls than most is passed by, however fast it is", () => {
  expect(winners(fastAndSlowWith(2, 1))).toEqual(new Set(["slow"]));
});

test("if both are hot, the less busy one takes the call", () => {
  expect(winners(fastAndSlowWith(9, 8))).toEqual(new Set(["slow"]));
  expect(winners(fastAndSlowWith(8, 9))).toEqual(new Set(["fast"]));
});

test("with quantile 1 none is hot and the faster wins; with 0 all are and the less busy one wins", () => {
  expect(winners(fastAndSlowWith(9, 8, { hotQuantile: 1 }))).toEqual(new Set(["fast"]));
  expect(winners(fastAndSlowWith(1, 0, { hotQuantile: 0 }))).toEqual(new Set(["slow"]));
});

test.each([true, false])("a client error makes nobody quicker, whether it ever did its work or not: %s", (didWork) => {
  const make = (seed: number) => {
    const balancer = balancerOf(["refuses", "works"], {}, seed);
    if (didWork) callOn(balancer, "refuses", answer(20), 0);
    callOn(balancer, "works", answer(10), 0);
    for (let nowMs = 0; nowMs < 30_000; nowMs += 100) {
      callOn(balancer, "works", answer(10), nowMs);
      callOn(balancer, "refuses", testOutcome("clientError", { latencyMs: didWork ? 0.1 : 11 }), nowMs);
    }
    return balancer;
  };
  expect(winners(make, 30_000)).toEqual(new Set(["works"]));
});

test("the calls that this client sent since the report count as well", () => {
  const balancer = fastAndSlow();
  expect(balancer.acquire(CALL, 0)?.endpoint.id).toBe("fast");
  expect(balancer.acquire(CALL, 0)?.endpoint.id).toBe("slow");
  report(balancer, "fast", 1, 0);
  expect(balancer.acquire(CALL, 0)?.endpoint.id).toBe("fast");
});

test("a report counts for a second", () => {
  const balancer = fastAndSlow();
  report(balancer, "fast", 9, 0);
  expect(favourite(balancer, 1_000)).toBe("slow");
  expect(favourite(balancer, 1_001)).toBe("fast");
});

test("without reports, the client's own calls in flight count", () => {
  const balancer = balancerOf(["fast", "slow"]);
  for (let round = 0; round < 10; round += 1) {
    callOn(balancer, "fast", answer(10), 0);
    callOn(balancer, "slow", answer(100), 0);
  }
  expect(balancer.acquire(CALL, 0)?.endpoint.id).toBe("fast");
  expect(balancer.acquire(CALL, 0)?.endpoint.id).toBe("slow");
});

test("who answered within the last second is compared with the two that are drawn", () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `e${index}`);
  const balancer = balancerOf(ids);
  for (const id of ids) callOn(balancer, id, answer(100), 0);
  for (const id of ids.slice(0, 20)) callOn(balancer, id, answer(50), 5_000);
  callOn(balancer, "e3", answer(10), 5_000);
  for (let call = 0; call < 50; call += 1) expect(favourite(balancer, 6_000)).toBe("e3");
  const later = Array.from({ length: 50 }, () => favourite(balancer, 6_001));
  expect(later.filter((id) => id === "e3").length).toBeLessThan(3);
});

test("four of those that answered last are compared, no more", () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `e${index}`);
  const balancer = balancerOf(ids);
  for (const id of ids) callOn(balancer, id, answer(100), 0);
  for (const [id, latencyMs] of [
    ["e0", 1],
    ["e1", 10],
    ["e2", 50],
    ["e3", 50],
    ["e4", 50],
  ] as const)
    callOn(balancer, id, answer(latencyMs), 5_000);
  const chosen = Array.from({ length: 50 }, () => favourite(balancer, 5_000));
  expect(chosen.filter((id) => id === "e1").length).toBeGreaterThan(47);
});

test("a newcomer gets one call, and no other before its first answer", () => {
  const balancer = fastAndSlow({ hotQuantile: 1 });
  balancer.update(endpoints(["fast", "new"]), 0);
  const first = balancer.acquire(CALL, 0);
  expect(first?.endpoint.id).toBe("new");
  for (let call = 0; call < 50; call += 1) expect(favourite(balancer, 0)).toBe("fast");
  first?.settle(answer(1), 1);
  expect(favourite(balancer, 1)).toBe("new");
});

test("what is known of a latency fades into the mean of all, to 1/e in the fading time: 1,000 ms then compares as 446", () => {
  for (const [latencyMs, winner] of [
    [440, "other"],
    [450, "slow"],
  ] as const) {
    const balancer = balancerOf(["usual", "slow", "other"], { latencyFadeMs: 5_000 });
    for (let round = 0; round < 200; round += 1) callOn(balancer, "usual", answer(100), 0);
    callOn(balancer, "slow", answer(1_000), 0);
    callOn(balancer, "other", answer(latencyMs), 5_000);
    balancer.update(endpoints(["slow", "other"]), 5_000);
    expect(favourite(balancer, 5_000)).toBe(winner);
  }
});

test.each(["failure", "timeout", "overload", "refused", "unreachable"] as const)("an endpoint does not look fast by %s", (kind) => {
  const balancer = balancerOf(["broken", "working"]);
  callOn(balancer, "working", answer(100), 0);
  callOn(balancer, "broken", testOutcome(kind, { latencyMs: 0.1 }), 0);
  callOn(balancer, "working", answer(290), 0);
  expect(favourite(balancer, 0)).toBe("working");
});

test("an abandoned call says nothing of the endpoint's latency", () => {
  const balancer = fastAndSlow();
  callOn(balancer, "fast", testOutcome("abandoned", { latencyMs: 60_000 }), 0);
  report(balancer, "fast", 1, 0);
  expect(favourite(balancer, 0)).toBe("fast");
});

test("one that left is forgotten, and a newcomer in its slot starts anew", () => {
  const balancer = balancerOf(["a", "b", "c"]);
  for (const id of ["a", "b", "c"]) callOn(balancer, id, answer(10), 0);
  balancer.update(endpoints(["b", "c", "new"]), 0);
  expect(new Set(Array.from({ length: 200 }, () => favourite(balancer, 0)))).toContain("new");
});
