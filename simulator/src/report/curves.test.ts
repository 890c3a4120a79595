import { expect, test } from "vitest";
import { testResult } from "../suite/test-result.ts";
import { errorCurve, nines, p99Curve, tailCurve } from "./curves.ts";

/** The distribution of exponential latencies with this mean, at log-spaced bounds, as runs have them: 40 for each factor of ten. */
function exponential(meanMs: number, firstStep = -40) {
  const ms = Array.from({ length: 240 }, (_, index) => 10 ** ((firstStep + index) / 40));
  return testResult({ calls: 1_000_000, cdf: { ms, share: ms.map((bound) => 1 - Math.exp(-bound / meanMs)) } });
}

const second = (atMs: number, p99Ms: number, calls = 10, errors = 0) => ({ atMs, calls, errors, p50Ms: 1, p99Ms });

test("nines count how rare a call is", () => {
  expect([0, 0.9, 0.99, 0.999].map(nines)).toEqual([0, 1, 2, 3].map((count) => expect.closeTo(count)));
});

test("the tail of exponential latency is a straight line: each nine adds ln(10) times the mean", () => {
  const points = tailCurve([exponential(100)]);
  expect(points).toHaveLength(100);
  expect(points.at(-1)?.x).toBeCloseTo(4);
  for (const { x, y } of points) expect(y / (100 * x * Math.LN10)).toBeCloseTo(1, 2);
});

test("seeds are averaged bound by bound, wherever each begins", () => {
  const [whole, late] = [tailCurve([exponential(50), exponential(50)]), tailCurve([exponential(50), exponential(50, 0)])];
  for (const [index, { y }] of whole.entries()) expect((late[index]?.y ?? 0) / y).toBeCloseTo(1, 6);
});

test("a curve ends where ten calls are left", () => {
  expect(
    tailCurve([
      { ...exponential(100), calls: 500 },
      { ...exponential(100), calls: 500 },
    ]).at(-1)?.x,
  ).toBeCloseTo(2);
  expect(tailCurve([{ ...exponential(100), calls: 5 }])).toEqual([]);
  expect(tailCurve([testResult({ calls: 1000, cdf: { ms: [], share: [] } })])).toEqual([]);
});

test("p99 over time is the mean over seeds, second by second; seconds without calls are left out", () => {
  const runs = [
    testResult({ timeline: [second(5000, 10), second(6000, 30), second(7000, 0, 0)] }),
    testResult({ timeline: [second(5000, 20), second(6000, 50)] }),
  ];
  expect(p99Curve(runs)).toEqual([
    { x: 5, y: 15 },
    { x: 6, y: 40 },
  ]);
  expect(p99Curve([testResult({ timeline: [] })])).toEqual([]);
});

test("of many seconds none that stands out is lost", () => {
  const timeline = Array.from({ length: 250 }, (_, at) => second(at * 1000, at === 123 ? 999 : 10));
  const points = p99Curve([testResult({ timeline })]);
  expect(points.length).toBeLessThanOrEqual(100);
  expect(points).toContainEqual({ x: 123, y: 999 });
});

test("errors over time are shares", () => {
  expect(errorCurve([testResult({ timeline: [second(0, 1, 10, 1), second(1000, 1, 20, 20)] })])).toEqual([
    { x: 0, y: 0.1 },
    { x: 1, y: 1 },
  ]);
});
