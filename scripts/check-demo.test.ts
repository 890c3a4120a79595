import { expect, test } from "vitest";
import { brokenPromises, type DemoFigures } from "./check-demo.ts";

const outage = { fromMs: 7_000, toMs: 8_300 };
const pinned = { requests: 100, failed: 3, p99Ms: 100, maxOverMean: 2.4, lateP90Ms: 1, outage };
const balanced = { requests: 100, failed: 0, p99Ms: 50, maxOverMean: 1.15, lateP90Ms: 1, outage };
const figures: DemoFigures = { pinned, "round-robin": pinned, balanced };

test("is content with what was promised", () => {
  expect(brokenPromises(figures, false)).toEqual([]);
  expect(brokenPromises({ ...figures, balanced: { ...balanced, maxOverMean: 3 } }, true)).toEqual([]);
});

test("an uneven share breaks a promise, unless servers are slow", () => {
  const promise = "the busiest balanced server has at most 1.15 times the mean";
  for (const maxOverMean of [1.16, Number.NaN]) {
    expect(brokenPromises({ ...figures, balanced: { ...balanced, maxOverMean } }, false)).toEqual([promise]);
  }
});

test("a long tail breaks a promise when servers are slow", () => {
  const promise = "the balanced p99 is at most half the pinned one";
  expect(brokenPromises({ ...figures, balanced: { ...balanced, p99Ms: 51 } }, true)).toEqual([promise]);
});

test("neither is judged where any side was short of CPU", () => {
  const starved = { ...pinned, lateP90Ms: 11 };
  for (const hasSlowServers of [false, true]) {
    expect(brokenPromises({ ...figures, pinned: starved, balanced: { ...balanced, maxOverMean: 3, p99Ms: 99 } }, hasSlowServers)).toEqual(
      [],
    );
  }
});

test("a failed call breaks a promise, whatever the machine", () => {
  const promise = "no balanced call fails, although every server is replaced, and the control plane killed";
  for (const lateP90Ms of [1, 11]) {
    expect(brokenPromises({ ...figures, balanced: { ...balanced, failed: 1, lateP90Ms } }, false)).toEqual([promise]);
  }
});

test("a control plane that is never killed, or never comes back, breaks a promise", () => {
  const { outage: _, ...spared } = balanced;
  for (const side of [spared, { ...balanced, outage: { fromMs: 7_000 } }]) {
    expect(brokenPromises({ ...figures, balanced: side }, false)).toEqual(["the control plane is killed, and comes back"]);
  }
});

test("a side without calls breaks a promise", () => {
  expect(brokenPromises({ ...figures, "round-robin": { ...pinned, requests: 0 } }, false)).toEqual(["all sides are measured"]);
});
