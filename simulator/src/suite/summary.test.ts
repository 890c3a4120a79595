import { expect, test } from "vitest";
import { estimate, gapClosed, isCertain, pairedDifference, pairedRatio } from "./summary.ts";

test("the interval of a mean is Student's: of 1 to 5, 3 ± 2.776 · √(2.5 / 5)", () => {
  const { mean, plusMinus } = estimate([1, 2, 3, 4, 5]);
  expect(mean).toBe(3);
  expect(plusMinus).toBeCloseTo(1.9632, 4);
});

test("a single seed says nothing of its spread", () => {
  expect(estimate([7])).toEqual({ mean: 7, plusMinus: undefined });
});

test("what chance does to both drops out of a paired difference", () => {
  const [first, second] = [
    [100, 200, 300, 400, 500],
    [101, 202, 301, 402, 501],
  ];
  expect(estimate(first).plusMinus).toBeGreaterThan(100);
  const difference = pairedDifference(second, first);
  expect(difference.mean).toBeCloseTo(1.4);
  expect(difference.plusMinus).toBeCloseTo(0.6801, 3);
  expect(isCertain(difference)).toBe(true);
});

test("a difference that its interval reaches across may be chance; of one seed, any difference counts", () => {
  expect(isCertain(pairedDifference([10, 12, 9], [10, 9, 11]))).toBe(false);
  expect(isCertain(pairedDifference([10], [9]))).toBe(true);
  expect(isCertain(pairedDifference([10], [10]))).toBe(false);
});

test("seeds are paired with the same number of seeds", () => {
  expect(() => pairedDifference([1, 2], [1])).toThrow("can't pair 2 seeds with 1");
});

test("a ratio is the geometric mean over seeds: twice as much and half as much come out even", () => {
  expect(pairedRatio([20, 5], [10, 10]).ratio).toBeCloseTo(1);
  const { ratio, low, high } = pairedRatio([20, 40], [10, 20]);
  expect([ratio, low, high]).toEqual([2, 2, 2].map((value) => expect.closeTo(value)));
  expect(pairedRatio([3], [2])).toEqual({ ratio: expect.closeTo(1.5), low: undefined, high: undefined });
});

test("there is no ratio to nothing", () => {
  expect(pairedRatio([1, 2], [0, 1]).ratio).toBeNaN();
  expect(pairedRatio([0, 2], [1, 1]).ratio).toBeNaN();
});

test("the gap is closed from round robin to the bound, and worse than round robin is below nothing", () => {
  expect(gapClosed(300, 300, 100)).toBe(0);
  expect(gapClosed(100, 300, 100)).toBe(1);
  expect(gapClosed(150, 300, 100)).toBe(0.75);
  expect(gapClosed(400, 300, 100)).toBe(-0.5);
});

test("where round robin is as good as the bound there is no gap", () => {
  expect(gapClosed(100, 101, 100)).toBeUndefined();
  expect(gapClosed(100, 90, 100)).toBeUndefined();
});
