import { expect, test } from "vitest";
import { randomIndex } from "../../random-source.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { createBalancer } from "../create-balancer.ts";
import { roundRobin } from "./round-robin.ts";

const CALL = { method: "shop.Checkout/Pay" };

function endpoints(ids: readonly string[]) {
  return ids.map((id) => testEndpoint({ id }));
}

function idsFrom(first: number, count: number) {
  return Array.from({ length: count }, (_, index) => `e${first + index}`);
}

function balancerOf(ids: readonly string[], seed = 7) {
  const balancer = createBalancer({ policy: roundRobin(), random: seededRandom(seed) });
  balancer.update(endpoints(ids), 0);
  return balancer;
}

test("a stable set stays even to within one call at every moment", () => {
  const balancer = balancerOf(idsFrom(0, 7));
  const counts = new Map(idsFrom(0, 7).map((id) => [id, 0]));
  for (let call = 0; call < 1_000; call += 1) {
    const id = balancer.acquire(CALL, 0)?.endpoint.id as string;
    counts.set(id, (counts.get(id) as number) + 1);
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
  }
});

test("clients start at places of their own: over 1,000 seeds each of 10 endpoints is first 100 times, to within 40", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 1_000; seed += 1) {
    const id = balancerOf(idsFrom(0, 10), seed).acquire(CALL, 0)?.endpoint.id as string;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const id of idsFrom(0, 10)) expect(Math.abs((counts.get(id) ?? 0) - 100)).toBeLessThanOrEqual(40);
});

test("members that stay get even shares, to within 5 %, while others come and go every 13 calls", () => {
  const balancer = balancerOf(idsFrom(0, 15));
  const chance = seededRandom(8);
  const counts = new Map<string, number>();
  for (let call = 0; call < 50_000; call += 1) {
    if (call % 13 === 0)
      balancer.update(endpoints([...idsFrom(0, 10), ...idsFrom(100 + randomIndex(chance, 20), randomIndex(chance, 8))]), 0);
    const id = balancer.acquire(CALL, 0)?.endpoint.id as string;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const stayed = idsFrom(0, 10).map((id) => counts.get(id) as number);
  const mean = stayed.reduce((sum, count) => sum + count) / stayed.length;
  for (const count of stayed) expect(Math.abs(count / mean - 1)).toBeLessThan(0.05);
});

test("two shards called in turn are each even", () => {
  const balancer = createBalancer({ policy: roundRobin(), random: seededRandom(7) });
  balancer.update(
    ["a0", "b0", "a1", "b1"].map((id) => testEndpoint({ id, labels: { shard: id.charAt(0) } })),
    0,
  );
  const chosen = Array.from({ length: 400 }, (_, call) => balancer.acquire({ ...CALL, shard: call % 2 === 0 ? "a" : "b" }, 0)?.endpoint.id);
  for (const id of ["a0", "b0", "a1", "b1"]) expect(chosen.filter((other) => other === id).length).toBe(100);
});
