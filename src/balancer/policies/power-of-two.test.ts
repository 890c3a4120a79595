import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Candidates } from "../candidates.ts";
import { createBalancer } from "../create-balancer.ts";
import type { Member } from "../member.ts";
import { powerOfTwo } from "./power-of-two.ts";

const CALL = { method: "shop.Checkout/Pay" };

test("never compares a member with itself: of two, the busy one gets no call", () => {
  const balancer = createBalancer({ slowStart: false, random: seededRandom(7) });
  balancer.update([testEndpoint({ id: "busy" })], 0);
  for (let call = 0; call < 1_001; call += 1) balancer.acquire(CALL, 0);
  balancer.update([testEndpoint({ id: "busy" }), testEndpoint({ id: "idle" })], 0);
  const chosen = Array.from({ length: 1_000 }, () => balancer.acquire(CALL, 0)?.endpoint.id);
  expect(new Set(chosen)).toEqual(new Set(["idle"]));
});

test("of two with equal load, the first drawn wins", () => {
  const drawn = ["first", "second"].map((id) => ({ endpoint: testEndpoint({ id }), inFlight: 1 }) as Member);
  const candidates = { sample: () => drawn[0], sampleOther: () => drawn[1] } as unknown as Candidates;
  const picker = powerOfTwo()({ random: seededRandom(7), candidates });
  expect(picker.pick(CALL, 0)).toBe(drawn[0]);
});

test("load is calls in flight per weight: weights 1 and 3 settle at one call to three", () => {
  const balancer = createBalancer({ slowStart: false, random: seededRandom(7) });
  balancer.update([testEndpoint({ id: "small" }), testEndpoint({ id: "large", weight: 3 })], 0);
  for (let call = 0; call < 400; call += 1) balancer.acquire(CALL, 0);
  expect(balancer.inspect(0).members.map((member) => member.inFlight)).toEqual([100, 300]);
});

test("a call's cost counts as so many calls", () => {
  const balancer = createBalancer({ slowStart: false, random: seededRandom(7) });
  balancer.update([testEndpoint({ id: "a" }), testEndpoint({ id: "b" })], 0);
  const first = balancer.acquire({ ...CALL, cost: 10 }, 0)?.endpoint.id;
  for (let call = 0; call < 10; call += 1) expect(balancer.acquire(CALL, 0)?.endpoint.id).not.toBe(first);
});

test("the busiest of 100 endpoints with 10 calls each on average has at most 13, where random draws reach 18", () => {
  const balancer = createBalancer({ slowStart: false, random: seededRandom(7) });
  balancer.update(
    Array.from({ length: 100 }, (_, index) => testEndpoint({ id: `e${index}` })),
    0,
  );
  for (let call = 0; call < 1_000; call += 1) balancer.acquire(CALL, 0);
  expect(Math.max(...balancer.inspect(0).members.map((member) => member.inFlight))).toBeLessThanOrEqual(13);
});

test("looks at as many of 10,000 members as of 10", () => {
  expect(readsPerCall(10_000)).toBe(readsPerCall(10));
});

/** How often a call asks any endpoint for its weight. */
function readsPerCall(members: number): number {
  let reads = 0;
  const endpoint = (id: string) =>
    Object.defineProperty(testEndpoint({ id }), "weight", {
      get() {
        reads += 1;
        return 1;
      },
    });
  const balancer = createBalancer({ slowStart: false, random: seededRandom(7) });
  balancer.update(
    Array.from({ length: members }, (_, index) => endpoint(`e${index}`)),
    0,
  );
  reads = 0;
  for (let call = 0; call < 100; call += 1) balancer.acquire(CALL, 0);
  return reads / 100;
}
