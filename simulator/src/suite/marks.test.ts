import { expect, test } from "vitest";
import { marksOf } from "./marks.ts";

const marks = (values: Record<string, readonly number[]>) => Object.fromEntries(marksOf(new Map(Object.entries(values))));

test("the least is best and the greatest worst", () => {
  expect(marks({ a: [1, 1.1, 1], b: [2, 2.1, 2], c: [3, 3.1, 3] })).toEqual({ a: "best", c: "worst" });
});

test("who is a little above the best, and perhaps by chance, is best too", () => {
  expect(marks({ a: [10, 20, 30], b: [11, 19, 31], c: [12, 22, 32], d: [50, 60, 70] })).toEqual({ a: "best", b: "best", d: "worst" });
});

test("few seeds don't make everybody best: who is far above may be so by chance, but does not look it", () => {
  expect(marks({ a: [100, 100], b: [102, 110], c: [101, 300], d: [150, 900] })).toEqual({ a: "best", b: "best", d: "worst" });
});

test("what nobody would notice makes nobody better or worse", () => {
  expect(marks({ a: [100], b: [100.9], c: [150], d: [160] })).toEqual({ a: "best", b: "best", d: "worst" });
  expect(marks({ a: [100], b: [101.1], c: [101.2], d: [150] })).toEqual({ a: "best", d: "worst" });
});

test("nobody stands out when most are equal", () => {
  expect(marks({ a: [0], b: [0], c: [0.02] })).toEqual({ c: "worst" });
  expect(marks({ a: [0], b: [0] })).toEqual({});
});

test("what is not a number takes no part", () => {
  expect(marks({ a: [Number.NaN], b: [1], c: [2] })).toEqual({ b: "best", c: "worst" });
  expect(marks({})).toEqual({});
});
