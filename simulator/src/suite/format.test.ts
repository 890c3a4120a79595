import { expect, test } from "vitest";
import { formatCount, formatMs, formatPercent, formatRatio } from "./format.ts";

test("numbers have three digits or so", () => {
  expect([0, 1.234, 12.34, 123.4, 5000].map(formatMs)).toEqual(["0", "1.23", "12.3", "123", "5000"]);
  expect([0, 0.0123, 0.25, 1].map(formatPercent)).toEqual(["0", "1.23", "25.0", "100.0"]);
  expect([1, 1.5, 12.3].map(formatRatio)).toEqual(["1.00", "1.50", "12.3"]);
  expect([2, 2.5, 1000.4].map(formatCount)).toEqual(["2", "2.5", "1000"]);
});

test("what is not zero does not look like zero, and what is not known does not look known", () => {
  expect(formatPercent(0.00001)).toBe("<0.01");
  expect([formatMs, formatPercent, formatRatio, formatCount].map((format) => format(Number.NaN))).toEqual(["–", "–", "–", "–"]);
});
