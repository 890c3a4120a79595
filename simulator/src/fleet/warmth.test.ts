import { expect, test } from "vitest";
import { Warmth } from "./warmth.ts";

function served(warmth: Warmth, calls: number, nowMs = 0): Warmth {
  for (let call = 0; call < calls; call += 1) warmth.add(nowMs);
  return warmth;
}

test("the first call takes all that is added, one after so many half of it, and later ones hardly anything", () => {
  const added = (calls: number) => served(new Warmth({ addedMs: 50, halfAfterCalls: 10 }), calls).addedMs(0);
  expect([0, 10, 40].map(added)).toEqual([50, 25, 10]);
  expect(added(10_000)).toBeLessThan(0.1);
});

test("who forgets is as cold as at first after a while without calls, and half as warm after as many as before", () => {
  const warmth = served(new Warmth({ addedMs: 50, halfAfterCalls: 10, forgetsMs: 1_000 }), 10);
  expect(warmth.addedMs(1_000)).toBeCloseTo(50 / (1 + Math.exp(-1)), 9);
  expect(warmth.addedMs(20_000)).toBeCloseTo(50, 6);
  expect(served(warmth, 10, 20_000).addedMs(20_000)).toBeCloseTo(25, 6);
});

test("who does not forget stays warm", () => {
  expect(served(new Warmth({ addedMs: 50, halfAfterCalls: 10 }), 40).addedMs(1e9)).toBe(10);
});
