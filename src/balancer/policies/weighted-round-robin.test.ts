import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer } from "../balancer.ts";
import { createBalancer } from "../create-balancer.ts";
import { type WeightedRoundRobinOptions, weightedRoundRobin } from "./weighted-round-robin.ts";

const CALL = { method: "shop.Checkout/Pay" };

function ids(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `e${index}`);
}

function balancerOf(count: number, options: WeightedRoundRobinOptions = {}, seed = 7): Balancer {
  const balancer = createBalancer({ policy: weightedRoundRobin(options), random: seededRandom(seed), slowStart: false });
  balancer.update(
    ids(count).map((id) => testEndpoint({ id })),
    0,
  );
  return balancer;
}

/** Each endpoint reports so many requests per second at full utilization. */
function report(balancer: Balancer, nowMs: number, ...claims: readonly number[]): void {
  for (const [index, requestsPerSecond] of claims.entries()) {
    balancer.observe(`e${index}`, { requestsPerSecond, errorsPerSecond: 0, utilization: 1 }, nowMs);
  }
}

/** Shares of so many calls, in the order of the endpoints' ids. */
function shares(balancer: Balancer, nowMs: number, calls = 10_000): readonly number[] {
  const counts = new Map(balancer.inspect(nowMs).members.map(({ endpoint }) => [endpoint.id, 0]));
  for (let call = 0; call < calls; call += 1) {
    const lease = balancer.acquire(CALL, nowMs);
    const id = lease?.endpoint.id as string;
    counts.set(id, (counts.get(id) as number) + 1);
    lease?.settle(testOutcome("success"), nowMs);
  }
  return [...counts.values()].map((count) => count / calls);
}

test("without reports it is round robin: even to within one call at every moment", () => {
  const balancer = balancerOf(7);
  const counts = new Map(ids(7).map((id) => [id, 0]));
  for (let call = 0; call < 1_000; call += 1) {
    const id = balancer.acquire(CALL, call)?.endpoint.id as string;
    counts.set(id, (counts.get(id) as number) + 1);
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
  }
});

test("shares follow what servers report, from the first update after the blackout on", () => {
  const balancer = balancerOf(4);
  report(balancer, 0, 100, 200, 300, 400);
  expect(shares(balancer, 9_000)).toEqual([0.25, 0.25, 0.25, 0.25]);
  const [a, b, c, d] = shares(balancer, 10_000) as [number, number, number, number];
  expect([a, b, c, d].map((share) => Math.round(share * 100))).toEqual([10, 20, 30, 40]);
});

test("new reports count after `updateMs`, not before", () => {
  const balancer = balancerOf(2, { blackoutMs: 0, raiseMs: 0 });
  report(balancer, 0, 100, 100);
  expect(shares(balancer, 0)).toEqual([0.5, 0.5]);
  report(balancer, 1, 100, 300);
  expect(shares(balancer, 999)).toEqual([0.5, 0.5]);
  expect(shares(balancer, 1_000)[1]).toBeCloseTo(0.75, 2);
});

test("a newcomer has its turns at once, with the mean weight", () => {
  const balancer = balancerOf(2, { blackoutMs: 0 });
  report(balancer, 0, 100, 300);
  shares(balancer, 0);
  balancer.update(
    ids(3).map((id) => testEndpoint({ id })),
    1,
  );
  expect(shares(balancer, 1).map((share) => Math.round(share * 60))).toEqual([10, 30, 20]);
});

test("one liar of ten gets at most twice its fair share, and that slowly", () => {
  const balancer = balancerOf(10, { blackoutMs: 0 });
  const honest = new Array<number>(9).fill(100);
  report(balancer, 0, 100, ...honest);
  shares(balancer, 0);
  report(balancer, 1_000, 1e6, ...honest);
  let last = 0;
  for (let nowMs = 1_000; nowMs < 60_000; nowMs += 1_000) {
    report(balancer, nowMs, 150, ...honest);
    const [share] = shares(balancer, nowMs, 2_000) as [number];
    expect(share).toBeLessThanOrEqual(0.201);
    expect(share).toBeGreaterThanOrEqual(last - 0.002);
    last = share;
  }
  expect(last).toBeCloseTo(1.5 / 10.5, 2);
  report(balancer, 60_000, 1e6, ...honest);
  expect(shares(balancer, 60_000)[0]).toBeLessThanOrEqual(0.201);
  for (let nowMs = 61_000; nowMs < 120_000; nowMs += 1_000) shares(balancer, nowMs, 10);
  expect(shares(balancer, 120_000)[0]).toBeCloseTo(0.2, 2);
});

test("as gRPC ships it, a liar's share is bounded by ten times the mean alone", () => {
  const balancer = balancerOf(20, { blackoutMs: 0, raiseMs: 0, maxShare: Infinity });
  report(balancer, 0, 1e6, ...new Array<number>(19).fill(100));
  expect(shares(balancer, 0)[0]).toBeGreaterThan(0.95);
});

test("of two shards called in turn, each gets shares by weight", () => {
  const balancer = createBalancer({ policy: weightedRoundRobin({ blackoutMs: 0 }), random: seededRandom(7) });
  balancer.update(
    ids(4).map((id, index) => testEndpoint({ id, labels: { shard: index < 2 ? "a" : "b" } })),
    0,
  );
  report(balancer, 0, 100, 300, 200, 200);
  const counts = new Map<string, number>();
  for (let call = 0; call < 8_000; call += 1) {
    const id = balancer.acquire({ ...CALL, shard: call % 2 === 0 ? "a" : "b" }, 0)?.endpoint.id as string;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  expect(ids(4).map((id) => Math.round((counts.get(id) as number) / 100))).toEqual([10, 30, 20, 20]);
});

test("clients start at places of their own: over 1,000 seeds each of 10 endpoints is first 100 times, to within 40", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 1_000; seed += 1) {
    const id = balancerOf(10, {}, seed).acquire(CALL, 0)?.endpoint.id as string;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const id of ids(10)) expect(Math.abs((counts.get(id) ?? 0) - 100)).toBeLessThanOrEqual(40);
});

test("finds the last one left of 1,000 that all others are avoided for", () => {
  const balancer = balancerOf(1_000);
  const avoid = new Set(ids(999));
  for (let call = 0; call < 20; call += 1) expect(balancer.acquire({ ...CALL, avoid }, 0)?.endpoint.id).toBe("e999");
});
