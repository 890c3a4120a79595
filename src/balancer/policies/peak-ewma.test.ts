import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer } from "../balancer.ts";
import { createBalancer } from "../create-balancer.ts";
import type { Outcome } from "../outcome.ts";
import { peakEwma } from "./peak-ewma.ts";

const CALL = { method: "shop.Checkout/Pay" };

function balancerOf(...ids: readonly string[]): Balancer {
  const balancer = createBalancer({ slowStart: false, policy: peakEwma({ decayMs: 10_000 }), random: seededRandom(7), ejection: false });
  balancer.update(
    ids.map((id) => testEndpoint({ id })),
    0,
  );
  return balancer;
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

/** Which of two would get the next call; it is taken back at once. */
function favourite(balancer: Balancer, nowMs: number): string | undefined {
  const lease = balancer.acquire(CALL, nowMs);
  lease?.settle(testOutcome("abandoned"), nowMs);
  return lease?.endpoint.id;
}

test("prefers the endpoint that answers sooner", () => {
  const balancer = balancerOf("slow", "fast");
  callOn(balancer, "slow", answer(100), 0);
  callOn(balancer, "fast", answer(10), 0);
  for (let call = 0; call < 100; call += 1) expect(favourite(balancer, 0)).toBe("fast");
});

test("gives a slow endpoint a call once the fast one has ten times as many in flight", () => {
  const balancer = balancerOf("slow", "fast");
  callOn(balancer, "slow", answer(105), 0);
  callOn(balancer, "fast", answer(10), 0);
  const chosen = Array.from({ length: 11 }, () => balancer.acquire(CALL, 0)?.endpoint.id);
  expect(chosen).toEqual([...new Array<string>(10).fill("fast"), "slow"]);
});

test("a newcomer without history gets one call, and no other before its first answer", () => {
  const balancer = balancerOf("old", "new");
  callOn(balancer, "old", answer(10), 0);
  const first = balancer.acquire(CALL, 0);
  expect(first?.endpoint.id).toBe("new");
  for (let call = 0; call < 100; call += 1) expect(balancer.acquire(CALL, 0)?.endpoint.id).toBe("old");
  first?.settle(answer(1), 1);
  expect(balancer.acquire(CALL, 1)?.endpoint.id).toBe("new");
});

test("one slow answer counts at once and in full, one quick answer hardly", () => {
  const balancer = balancerOf("a", "b");
  callOn(balancer, "a", answer(10), 0);
  callOn(balancer, "b", answer(50), 0);
  callOn(balancer, "a", answer(100), 1);
  callOn(balancer, "a", answer(10), 2);
  expect(favourite(balancer, 2)).toBe("b");
});

test("a client error makes nobody quicker, nor does waiting while there is nothing else; a slow one counts", () => {
  const balancer = balancerOf("refuses", "works");
  callOn(balancer, "refuses", answer(20), 0);
  callOn(balancer, "works", answer(10), 0);
  for (let nowMs = 0; nowMs < 60_000; nowMs += 100) {
    callOn(balancer, "refuses", testOutcome("clientError", { latencyMs: 0.1 }), nowMs);
    callOn(balancer, "works", answer(10), nowMs);
    expect(favourite(balancer, nowMs)).toBe("works");
  }
  callOn(balancer, "works", testOutcome("clientError", { latencyMs: 40 }), 60_000);
  expect(favourite(balancer, 60_000)).toBe("refuses");
});

test("a client error as first answer counts as a failure", () => {
  const balancer = balancerOf("refuses", "works");
  callOn(balancer, "refuses", testOutcome("clientError", { latencyMs: 0.1 }), 0);
  callOn(balancer, "works", answer(500), 0);
  expect(favourite(balancer, 0)).toBe("works");
});

test("the average falls to 1/e in one decay time of silence: 100 ms then compares as 36.8 ms", () => {
  const balancer = balancerOf("faded", "fresh");
  callOn(balancer, "faded", answer(100), 0);
  callOn(balancer, "fresh", answer(36.7), 10_000);
  expect(favourite(balancer, 10_000)).toBe("fresh");
  callOn(balancer, "fresh", answer(36.9), 10_000);
  expect(favourite(balancer, 10_000)).toBe("faded");
});

test("asking changes nothing: a thousand questions on the way leave the same average", () => {
  const balancer = balancerOf("faded", "fresh");
  callOn(balancer, "faded", answer(100), 0);
  callOn(balancer, "fresh", answer(36.7), 0);
  for (let nowMs = 0; nowMs < 10_000; nowMs += 10) favourite(balancer, nowMs);
  callOn(balancer, "fresh", answer(36.7), 10_000);
  expect(favourite(balancer, 10_000)).toBe("fresh");
});

test.each(["failure", "timeout", "overload", "refused", "unreachable"] as const)("an endpoint does not look fast by %s", (kind) => {
  const balancer = balancerOf("broken", "working");
  callOn(balancer, "broken", testOutcome(kind, { latencyMs: 0.1 }), 0);
  callOn(balancer, "working", answer(900), 0);
  expect(favourite(balancer, 0)).toBe("working");
});

test("an abandoned call says nothing of the endpoint's latency", () => {
  const balancer = balancerOf("a", "b");
  callOn(balancer, "a", answer(10), 0);
  callOn(balancer, "b", answer(20), 0);
  callOn(balancer, "a", testOutcome("abandoned", { latencyMs: 60_000 }), 0);
  expect(favourite(balancer, 0)).toBe("a");
});

test("what was learned survives an update of the set, and a newcomer in a reused slot starts anew", () => {
  const balancer = balancerOf("slow", "stays");
  callOn(balancer, "slow", answer(1_000), 0);
  callOn(balancer, "stays", answer(10), 0);
  balancer.update([testEndpoint({ id: "stays" }), testEndpoint({ id: "new" })], 1);
  expect(favourite(balancer, 1)).toBe("new");
  callOn(balancer, "new", answer(11), 1);
  expect(favourite(balancer, 1)).toBe("stays");
});

test("latency counts per weight", () => {
  const balancer = createBalancer({ slowStart: false, policy: peakEwma(), random: seededRandom(7) });
  balancer.update([testEndpoint({ id: "small" }), testEndpoint({ id: "large", weight: 3 })], 0);
  callOn(balancer, "small", answer(10), 0);
  callOn(balancer, "large", answer(20), 0);
  expect(favourite(balancer, 0)).toBe("large");
});

test("says what it waits for, and that it knows nothing of a newcomer", () => {
  const balancer = balancerOf("known", "new");
  callOn(balancer, "known", answer(100), 0);
  expect(balancer.inspect(0).members.map(({ policySays }) => policySays)).toEqual([
    "answers take 100 ms by their peaks; with 0 in flight, a call counts as 100 ms",
    "no answer yet: gets one call at a time",
  ]);
});
