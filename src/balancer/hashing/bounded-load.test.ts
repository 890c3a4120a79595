import { expect, test } from "vitest";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Member } from "../member.ts";
import { BoundedLoad } from "./bounded-load.ts";

/** With as many calls of cost 1, unless said otherwise. */
function member(inFlight: number, weight = 1, calls = inFlight): Member {
  return { endpoint: testEndpoint({ weight }), inFlight, calls } as Member;
}

/** How many it may have, found by asking. */
function bound(members: readonly Member[], factor: number, { weight = 1, cost = 1, eligible = members.length } = {}): number {
  const load = new BoundedLoad(members, factor);
  let inFlight = 0;
  while (!load.isFull(member(inFlight, weight), cost, eligible)) inFlight += 1;
  return inFlight;
}

test("a member may have the factor times its fair part, the new call counted, rounded up", () => {
  const members = [member(20), member(10), member(9), member(0)];
  expect(bound(members, 1.25)).toBe(Math.ceil((1.25 * 40) / 4));
  expect(bound(members, 2)).toBe(20);
});

test("of an idle set, each may have two: one call that is over may still be there when the next of its key comes, costly or not", () => {
  expect(bound(new Array(10).fill(member(0)), 1.25)).toBe(2);
  const load = new BoundedLoad(new Array(10).fill(member(0)), 1.25);
  for (const cost of [0.1, 1, 10]) expect([1, 2].map((calls) => load.isFull(member(10, 1, calls), cost, 10))).toEqual([false, true]);
});

test("calls that began and ended count", () => {
  const load = new BoundedLoad([member(0), member(0)], 1.25);
  load.add(7);
  expect(load.isFull(member(4), 1, 2)).toBe(false);
  load.add(-4);
  expect(load.isFull(member(4), 1, 2)).toBe(true);
});

test("the fair part is by weight", () => {
  const members = [member(10, 1), member(29, 3)];
  expect(bound(members, 1.2, { weight: 1 })).toBe(12);
  expect(bound(members, 1.2, { weight: 3 })).toBe(36);
});

test("a costly call counts as so many", () => {
  expect(bound([member(12), member(8)], 1.25, { cost: 5 })).toBe(Math.ceil((1.25 * 25) / 2));
});

test("when half of the members may not take calls, the others may have twice as much", () => {
  const members = [member(10), member(9), member(0), member(0)];
  expect(bound(members, 1.5, { eligible: 4 })).toBe(Math.ceil((1.5 * 20) / 4));
  expect(bound(members, 1.5, { eligible: 2 })).toBe(15);
});

test("without a bound nobody is full", () => {
  expect(new BoundedLoad([member(0)], Infinity).isFull(member(1e9), 1, 1)).toBe(false);
});

test("not all members are full, whatever they have", () => {
  for (const loads of [[0], [1, 1], [5, 5, 5], [100, 0, 0], [7, 8, 9, 10]]) {
    const members = loads.map((inFlight) => member(inFlight));
    const load = new BoundedLoad(members, 1.01);
    expect(members.some((one) => !load.isFull(one, 1, members.length))).toBe(true);
  }
});
