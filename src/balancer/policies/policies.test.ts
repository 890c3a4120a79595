import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer } from "../balancer.ts";
import { createBalancer } from "../create-balancer.ts";
import type { PickContext } from "../pick-context.ts";
import type { Policy } from "../policy.ts";
import { leastInFlight } from "./least-in-flight.ts";
import { peakEwma } from "./peak-ewma.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { random } from "./random.ts";
import { roundRobin } from "./round-robin.ts";

const CALL: PickContext = { method: "shop.Checkout/Pay" };
const MEMBERS = 20;
const CALLS = 40_000;

const policies: readonly [name: string, policy: Policy][] = [
  ["powerOfTwo", powerOfTwo()],
  ["powerOfTwo of five choices", powerOfTwo({ choices: 5 })],
  ["roundRobin", roundRobin()],
  ["random", random()],
  ["leastInFlight", leastInFlight()],
  ["peakEwma", peakEwma()],
];

function balancerOf(policy: Policy, members: number): Balancer {
  const balancer = createBalancer({ policy, random: seededRandom(7) });
  balancer.update(endpoints(members), 0);
  return balancer;
}

function endpoints(count: number) {
  return Array.from({ length: count }, (_, index) => testEndpoint({ id: `e${index}` }));
}

/** How many of the calls each endpoint got, with ten in flight at a time, each of 10 ms. */
function callsByEndpoint(balancer: Balancer, calls: number, context = CALL): Map<string, number> {
  const counts = new Map<string, number>();
  const open: (() => void)[] = [];
  for (let call = 0; call < calls; call += 1) {
    const lease = balancer.acquire(context, call);
    if (lease === undefined) throw new Error("nobody was eligible");
    counts.set(lease.endpoint.id, (counts.get(lease.endpoint.id) ?? 0) + 1);
    open.push(() => lease.settle(testOutcome("success"), call + 10));
    if (open.length > 10) open.shift()?.();
  }
  for (const settle of open) settle();
  return counts;
}

test.each(policies)("%s: %#. over 40,000 calls, each of 20 equal endpoints gets its share to within 10 %", (_, policy) => {
  const counts = callsByEndpoint(balancerOf(policy, MEMBERS), CALLS);
  expect(counts.size).toBe(MEMBERS);
  for (const count of counts.values()) expect(Math.abs(count / (CALLS / MEMBERS) - 1)).toBeLessThan(0.1);
});

test.each(policies)("%s chooses only among the shard's members", (_, policy) => {
  const balancer = createBalancer({ policy, random: seededRandom(7) });
  balancer.update(
    Array.from({ length: 12 }, (_, index) => testEndpoint({ id: `e${index}`, labels: { shard: `${index % 3}` } })),
    0,
  );
  const counts = callsByEndpoint(balancer, 400, { ...CALL, shard: "1" });
  expect([...counts.keys()].sort()).toEqual(["e1", "e10", "e4", "e7"]);
});

test.each(policies)("%s never chooses an avoided endpoint, finds the last one left, and then nobody", (_, policy) => {
  const balancer = balancerOf(policy, 8);
  const avoid = new Set<string>();
  for (let left = 8; left > 0; left -= 1) {
    const id = balancer.acquire({ ...CALL, avoid }, 0)?.endpoint.id as string;
    expect(avoid.has(id)).toBe(false);
    avoid.add(id);
  }
  expect(avoid.size).toBe(8);
  expect(balancer.acquire({ ...CALL, avoid }, 0)).toBeUndefined();
});

test.each(policies)("%s has nobody to choose in an empty set", (_, policy) => {
  expect(balancerOf(policy, 0).acquire(CALL, 0)).toBeUndefined();
});

test.each(policies)("%s chooses alike with the same seed", (_, policy) => {
  const run = () => [...callsByEndpoint(balancerOf(policy, 5), 200)];
  expect(run()).toEqual(run());
});
