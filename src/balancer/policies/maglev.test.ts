import { expect, test } from "vitest";
import type { Endpoint } from "../../endpoint.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer } from "../balancer.ts";
import { createBalancer } from "../create-balancer.ts";
import { type MaglevOptions, maglev } from "./maglev.ts";

const KEYS = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);

function endpoints(count: number, weight: (index: number) => number = () => 1): readonly Endpoint[] {
  return Array.from({ length: count }, (_, index) => testEndpoint({ address: `10.0.0.${index}`, weight: weight(index) }));
}

function balancerOf(given: readonly Endpoint[], options: MaglevOptions = {}, seed = 7): Balancer {
  const balancer = createBalancer({ policy: maglev(options), random: seededRandom(seed), slowStart: false });
  balancer.update(given, 0);
  return balancer;
}

/** Who takes a call; it is over at once. */
function ownerOf(balancer: Balancer, hashKey?: string): string {
  const lease = balancer.acquire({ method: "shop.Checkout/Pay", hashKey }, 0);
  lease?.settle(testOutcome("success"), 0);
  return lease?.endpoint.id as string;
}

function inFlightOf(balancer: Balancer): ReadonlyMap<string, number> {
  return new Map(balancer.inspect(0).members.map(({ endpoint, inFlight }) => [endpoint.id, inFlight]));
}

test("calls with the same key go to the same endpoint, from all clients, in whatever order they heard of the endpoints", () => {
  const one = balancerOf(endpoints(20), {}, 1);
  const other = balancerOf(endpoints(20).toReversed(), {}, 2);
  for (const key of KEYS.slice(0, 2_000)) expect(ownerOf(other, key)).toBe(ownerOf(one, key));
});

test("keys spread by weight, as evenly as chance lets 20,000 keys: to within 10 %", () => {
  const given = endpoints(5, (index) => index + 1);
  const balancer = balancerOf(given);
  const counts = new Map<string, number>();
  for (const key of KEYS) counts.set(ownerOf(balancer, key), (counts.get(ownerOf(balancer, key)) ?? 0) + 1);
  for (const { id, weight } of given) expect(Math.abs((counts.get(id) as number) / ((KEYS.length * weight) / 15) - 1)).toBeLessThan(0.1);
});

test("when one of 20 endpoints leaves, at most 1 % of the other keys move", () => {
  const given = endpoints(20);
  const balancer = balancerOf(given);
  const before = new Map(KEYS.map((key) => [key, ownerOf(balancer, key)]));
  balancer.update(given.slice(1), 0);
  const moved = KEYS.filter((key) => before.get(key) !== given[0]?.id && ownerOf(balancer, key) !== before.get(key));
  expect(moved.length).toBeLessThan(0.01 * KEYS.length);
});

test("the keys of an unreachable endpoint spread over the others, and come back with it", () => {
  const balancer = balancerOf(endpoints(20));
  const lost = ownerOf(balancer, "user-0");
  const keys = KEYS.filter((key) => ownerOf(balancer, key) === lost);
  balancer.observe(lost, "unreachable", 0);
  const heirs = keys.map((key) => ownerOf(balancer, key));
  expect(new Set(heirs).size).toBe(19);
  for (const heir of new Set(heirs)) expect(heirs.filter((id) => id === heir).length).toBeLessThan(0.12 * keys.length);
  balancer.observe(lost, "ready", 0);
  for (const key of keys) expect(ownerOf(balancer, key)).toBe(lost);
});

test("no endpoint has more than two calls in flight, or 1.25 times its fair part of them, by weight, however few keys there are", () => {
  const given = endpoints(10, (index) => 1 + (index % 3));
  const weights = given.reduce((sum, { weight }) => sum + weight, 0);
  for (const keys of [1, 3, 1_000]) {
    const balancer = balancerOf(given);
    for (let call = 0; call < 500; call += 1) {
      balancer.acquire({ method: "", hashKey: `user-${call % keys}` }, 0);
      const inFlight = inFlightOf(balancer);
      for (const { id, weight } of given) {
        expect(inFlight.get(id)).toBeLessThanOrEqual(Math.max(2, Math.ceil((1.25 * (call + 1) * weight) / weights)));
      }
    }
  }
});

test("costly calls count as so many", () => {
  const balancer = balancerOf(endpoints(10));
  for (let call = 0; call < 100; call += 1) balancer.acquire({ method: "", hashKey: "hot", cost: 5 }, 0);
  expect(Math.max(...inFlightOf(balancer).values())).toBeLessThanOrEqual(Math.ceil(1.25 * 50) + 5);
});

test("calls that a member had when it left weigh no longer", () => {
  const given = endpoints(4);
  const balancer = balancerOf(given, { boundedLoad: 1.5 });
  const leases = Array.from({ length: 40 }, (_, call) => balancer.acquire({ method: "", hashKey: `${call}` }, 0));
  balancer.update(given.slice(0, 1), 0);
  for (const lease of leases) lease?.settle(testOutcome("success"), 0);
  balancer.update(given, 0);
  // With what is in flight counted right, that is nothing, each may have one.
  for (let call = 0; call < 4; call += 1) balancer.acquire({ method: "", hashKey: "hot" }, 0);
  expect(Math.max(...inFlightOf(balancer).values())).toBe(2);
});

test("Infinity is strict affinity", () => {
  const balancer = balancerOf(endpoints(10), { boundedLoad: Infinity });
  const ids = Array.from({ length: 100 }, () => balancer.acquire({ method: "", hashKey: "hot" }, 0)?.endpoint.id);
  expect(new Set(ids).size).toBe(1);
});
