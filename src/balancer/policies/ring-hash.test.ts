import { expect, test } from "vitest";
import type { Endpoint } from "../../endpoint.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer } from "../balancer.ts";
import { createBalancer } from "../create-balancer.ts";
import { type RingHashOptions, ringHash } from "./ring-hash.ts";

const KEYS = Array.from({ length: 5_000 }, (_, index) => `user-${index}`);

function endpoints(count: number, weight: (index: number) => number = () => 1): readonly Endpoint[] {
  return Array.from({ length: count }, (_, index) => testEndpoint({ address: `10.0.0.${index}`, weight: weight(index) }));
}

function balancerOf(given: readonly Endpoint[], options: RingHashOptions = {}, seed = 7): Balancer {
  const balancer = createBalancer({ policy: ringHash(options), random: seededRandom(seed), slowStart: false });
  balancer.update(given, 0);
  return balancer;
}

/** Who takes a call; it is over at once. */
function ownerOf(balancer: Balancer, hashKey?: string, avoid?: ReadonlySet<string>): string {
  const lease = balancer.acquire({ method: "shop.Checkout/Pay", hashKey, avoid }, 0);
  lease?.settle(testOutcome("success"), 0);
  return lease?.endpoint.id as string;
}

function sharesOf(balancer: Balancer, keys: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const key of keys) {
    const id = ownerOf(balancer, key);
    shares.set(id, (shares.get(id) ?? 0) + 1 / keys.length);
  }
  return shares;
}

test("calls with the same key go to the same endpoint, from all clients, in whatever order they heard of the endpoints", () => {
  const one = balancerOf(endpoints(20), {}, 1);
  const other = balancerOf(endpoints(20).toReversed(), {}, 2);
  for (const key of KEYS) expect(ownerOf(other, key)).toBe(ownerOf(one, key));
});

test("keys spread by weight: to within 30 % with 1,024 points, to within 5 % with 65,536", () => {
  const given = endpoints(5, (index) => index + 1);
  for (const [minRingSize, tolerance] of [
    [1_024, 0.3],
    [65_536, 0.05],
  ] as const) {
    const shares = sharesOf(balancerOf(given, { minRingSize }), KEYS);
    for (const { id, weight } of given) expect(Math.abs((shares.get(id) as number) / (weight / 15) - 1)).toBeLessThan(tolerance);
  }
});

test.each([undefined, ""])("calls whose key is %j go to random endpoints", (key) => {
  const shares = sharesOf(balancerOf(endpoints(10)), new Array(5_000).fill(key));
  expect(shares.size).toBe(10);
  for (const share of shares.values()) expect(Math.abs(share / 0.1 - 1)).toBeLessThan(0.4);
});

test("the keys of an endpoint that leaves spread over the others; where points per endpoint stay as many, no other key moves", () => {
  const given = endpoints(50);
  const balancer = balancerOf(given);
  const before = new Map(KEYS.map((key) => [key, ownerOf(balancer, key)]));
  const [gone, ...rest] = given as [Endpoint, ...Endpoint[]];
  balancer.update(rest, 0);
  const heirs = new Set<string>();
  for (const [key, owner] of before) {
    if (owner === gone.id) heirs.add(ownerOf(balancer, key));
    else expect(ownerOf(balancer, key)).toBe(owner);
  }
  expect(heirs.size).toBeGreaterThan(10);
  balancer.update(given, 0);
  for (const [key, owner] of before) expect(ownerOf(balancer, key)).toBe(owner);
});

test("with 10 endpoints, at most 12 % of the keys of others move, as in Envoy and gRPC", () => {
  const given = endpoints(10);
  const balancer = balancerOf(given);
  const before = new Map(KEYS.map((key) => [key, ownerOf(balancer, key)]));
  balancer.update(given.slice(1), 0);
  const moved = KEYS.filter((key) => before.get(key) !== given[0]?.id && ownerOf(balancer, key) !== before.get(key));
  expect(moved.length).toBeLessThan(0.12 * KEYS.length);
});

test("while the owner is unreachable its keys go to the next on the ring, the same for all, and come back with it", () => {
  const clients = [1, 2].map((seed) => balancerOf(endpoints(20), {}, seed)) as [Balancer, Balancer];
  const owner = ownerOf(clients[0], "user-1");
  for (const client of clients) client.observe(owner, "unreachable", 0);
  const next = ownerOf(clients[0], "user-1");
  expect(next).not.toBe(owner);
  expect(ownerOf(clients[1], "user-1")).toBe(next);
  expect(ownerOf(clients[1], "user-1", new Set([next]))).not.toBe(next);
  for (const client of clients) client.observe(owner, "ready", 0);
  expect(ownerOf(clients[0], "user-1")).toBe(owner);
});

test("each shard has a ring of its own", () => {
  const given = endpoints(20).map((endpoint, index) => ({ ...endpoint, labels: { shard: `${index % 2}` } }));
  const balancer = balancerOf(given);
  const alone = balancerOf(given.filter(({ labels }) => labels.shard === "1"));
  for (const hashKey of KEYS.slice(0, 500)) {
    expect(balancer.acquire({ method: "", hashKey, shard: "1" }, 0)?.endpoint.id).toBe(ownerOf(alone, hashKey));
  }
});

test("a label `hash_key` keeps an endpoint's keys when its address changes", () => {
  const labelled = (octet: number) =>
    endpoints(10).map((endpoint, index) => {
      return { ...endpoint, id: `pod-${index}`, address: `10.${octet}.0.${index}`, labels: { hash_key: `pod-${index}` } };
    });
  const [before, after] = [balancerOf(labelled(0)), balancerOf(labelled(9))];
  for (const key of KEYS.slice(0, 500)) expect(ownerOf(after, key)).toBe(ownerOf(before, key));
});

test("by default a hot key stays with its owner; with a bounded load it has no more than its part", () => {
  for (const [options, most] of [
    [{}, 100],
    [{ boundedLoad: 1.25 }, 13],
  ] as const) {
    const balancer = balancerOf(endpoints(10), options);
    for (let call = 0; call < 100; call += 1) balancer.acquire({ method: "", hashKey: "hot" }, 0);
    expect(Math.max(...balancer.inspect(0).members.map(({ inFlight }) => inFlight))).toBe(most);
  }
});
