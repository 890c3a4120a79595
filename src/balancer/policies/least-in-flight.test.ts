import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { createBalancer } from "../create-balancer.ts";
import { leastInFlight } from "./least-in-flight.ts";

const CALL = { method: "shop.Checkout/Pay" };

function balancerOf(weights: readonly number[], seed = 7) {
  const balancer = createBalancer({ policy: leastInFlight(), random: seededRandom(seed) });
  balancer.update(
    weights.map((weight, index) => testEndpoint({ id: `e${index}`, weight })),
    0,
  );
  return balancer;
}

test("no endpoint ever has two calls more than another", () => {
  const balancer = balancerOf([1, 1, 1, 1, 1]);
  for (let call = 0; call < 500; call += 1) {
    balancer.acquire(CALL, 0);
    const inFlight = balancer.inspect(0).members.map((member) => member.inFlight);
    expect(Math.max(...inFlight) - Math.min(...inFlight)).toBeLessThanOrEqual(1);
  }
});

test("counts calls per weight", () => {
  const balancer = balancerOf([1, 2, 4]);
  for (let call = 0; call < 70; call += 1) balancer.acquire(CALL, 0);
  expect(balancer.inspect(0).members.map((member) => member.inFlight)).toEqual([10, 20, 40]);
});

test("of equals each is as likely: over 4,000 seeds each of 4 gets 1,000, to within 120", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 4_000; seed += 1) {
    const id = balancerOf([1, 1, 1, 1], seed).acquire(CALL, 0)?.endpoint.id as string;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  expect(counts.size).toBe(4);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThanOrEqual(120);
});
