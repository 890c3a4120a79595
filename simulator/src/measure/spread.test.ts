import { expect, test } from "vitest";
import { spreadOf } from "./spread.ts";

test("equal numbers have no spread", () => {
  expect(spreadOf([5, 5, 5])).toEqual({ mean: 5, cv: 0, maxOverMean: 1 });
});

test("deviation and maximum are relative to the mean", () => {
  expect(spreadOf([1, 3])).toEqual({ mean: 2, cv: 0.5, maxOverMean: 1.5 });
});

test("without values or calls, there is nothing to compare", () => {
  expect(spreadOf([])).toEqual({ mean: 0, cv: 0, maxOverMean: 0 });
  expect(spreadOf([0, 0])).toEqual({ mean: 0, cv: 0, maxOverMean: 0 });
});
