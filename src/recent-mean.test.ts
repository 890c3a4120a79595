import fc from "fast-check";
import { expect, test } from "vitest";
import { RecentMean } from "./recent-mean.ts";

/** Of values that come so many ms apart. */
function meanOf(values: readonly number[], everyMs = 0): number {
  const mean = new RecentMean(200, 2_000);
  for (const [index, value] of values.entries()) mean.add(value, 1_000 + index * everyMs);
  return mean.value;
}

test("there is none before the first value, which it then is", () => {
  expect(meanOf([])).toBeNaN();
  expect(meanOf([7])).toBe(7);
  expect(meanOf([0])).toBe(0);
});

test("of few values it is the plain mean", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 200 }), (values) => {
      expect(meanOf(values)).toBeCloseTo(values.reduce((sum, value) => sum + value) / values.length, 6);
    }),
    { seed: 7 },
  );
});

test("of many values each newest one has its fixed weight", () => {
  const settled = Array.from({ length: 1_000 }, () => 10);
  expect(meanOf([...settled, 110])).toBeCloseTo(10.5, 9);
  expect(meanOf([...settled, 110, 110])).toBeCloseTo(10.5 + 0.005 * 99.5, 9);
});

test("without a time constant a value of long ago counts as much as one of now, and it is settled once as many values came as count", () => {
  const mean = new RecentMean(4, Infinity);
  for (const [index, value] of [10, 20, 30].entries()) mean.add(value, index * 1e6);
  expect([mean.value, mean.isSettled]).toEqual([20, false]);
  mean.add(40, 9e9);
  expect([mean.value, mean.isSettled]).toEqual([25, true]);
});

test("what was some seconds ago is forgotten, however few values came since", () => {
  expect(meanOf([500, 10], 10_000)).toBeLessThan(15);
  expect(meanOf([500, 10, 10, 10, 10], 100)).toBeGreaterThan(90);
});
