import { expect, test } from "vitest";
import { brokenPromises } from "./check-demo.ts";

const pinned = { requests: 100, failed: 3, p99Ms: 100, maxOverMean: 2.4 };
const balanced = { requests: 100, failed: 0, p99Ms: 50, maxOverMean: 1.1 };

test("is content with what was promised", () => {
  expect(brokenPromises({ pinned, balanced }, false)).toEqual([]);
  expect(brokenPromises({ pinned, balanced: { ...balanced, maxOverMean: 3 } }, true)).toEqual([]);
});

test("an uneven share breaks a promise, unless servers are slow", () => {
  const promise = "the busiest balanced server has at most 1.1 times the mean";
  for (const maxOverMean of [1.11, Number.NaN]) {
    expect(brokenPromises({ pinned, balanced: { ...balanced, maxOverMean } }, false)).toEqual([promise]);
  }
});

test("a long tail breaks a promise when servers are slow", () => {
  const promise = "the balanced p99 is at most half the pinned one";
  expect(brokenPromises({ pinned, balanced: { ...balanced, p99Ms: 51 } }, true)).toEqual([promise]);
});

test("a failed call breaks a promise", () => {
  const promise = "no balanced call fails, although a server dies";
  expect(brokenPromises({ pinned, balanced: { ...balanced, failed: 1 } }, false)).toEqual([promise]);
});

test("a side without calls breaks a promise", () => {
  expect(brokenPromises({ pinned: { ...pinned, requests: 0 }, balanced }, false)).toEqual(["both sides are measured"]);
});
