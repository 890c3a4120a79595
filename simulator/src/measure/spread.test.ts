import { expect, test } from "vitest";
import { spreadOf } from "./spread.ts";

test("equal numbers have no spread", () => {
  expect(spreadOf([5, 5, 5])).toEqual({ mean: 5, cv: 0, maxOverMean: 1, minOverMean: 1 });
});

test("deviation, maximum and minimum are relative to the mean", () => {
  expect(spreadOf([1, 3])).toEqual({ mean: 2, cv: 0.5, maxOverMean: 1.5, minOverMean: 0.5 });
});

test("what is as large as its weight is even", () => {
  expect(spreadOf([5, 10, 20], [1, 2, 4])).toEqual({ mean: 5, cv: 0, maxOverMean: 1, minOverMean: 1 });
  expect(spreadOf([4, 4], [1, 3])).toMatchObject({ mean: 2, maxOverMean: 2, minOverMean: 2 / 3 });
});

test("without values or calls, there is nothing to compare", () => {
  const nothing = { mean: 0, cv: 0, maxOverMean: 0, minOverMean: 0 };
  expect(spreadOf([])).toEqual(nothing);
  expect(spreadOf([0, 0])).toEqual(nothing);
});
