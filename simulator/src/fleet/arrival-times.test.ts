import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import type { ClientGroup } from "../scenario.ts";
import { ArrivalTimes } from "./arrival-times.ts";

function arrivalsOf(rate: ClientGroup["rate"], untilMs: number, share = 1): number[] {
  const times = new ArrivalTimes(rate, share, seededRandom(1));
  const arrivals = [];
  for (let atMs = times.next(); atMs < untilMs; atMs = times.next()) arrivals.push(atMs);
  return arrivals;
}

const countIn = (arrivals: readonly number[], fromMs: number, toMs: number) =>
  arrivals.filter((atMs) => atMs >= fromMs && atMs < toMs).length;

test("a rate is kept, as a Poisson process: gaps vary as much as they are long", () => {
  const arrivals = arrivalsOf(1_000, 100_000);
  expect(arrivals.length / 100_000).toBeCloseTo(1, 1.5);
  const gaps = arrivals.slice(1).map((atMs, i) => atMs - (arrivals[i] as number));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(variance / mean ** 2).toBeCloseTo(1, 1);
});

test("a client has its share of the group's rate", () => {
  expect(arrivalsOf(1_000, 100_000, 0.1).length / 10_000).toBeCloseTo(1, 1);
});

test("the rate steps, and may begin late or stop for a while", () => {
  const steps = [
    { atMs: 10_000, perSecond: 1_000 },
    { atMs: 20_000, perSecond: 0 },
    { atMs: 30_000, perSecond: 3_000 },
  ];
  const arrivals = arrivalsOf(steps, 40_000);
  expect(countIn(arrivals, 0, 10_000)).toBe(0);
  expect(countIn(arrivals, 10_000, 20_000) / 10_000).toBeCloseTo(1, 1);
  expect(countIn(arrivals, 20_000, 30_000)).toBe(0);
  expect(countIn(arrivals, 30_000, 40_000) / 30_000).toBeCloseTo(1, 1);
});

test.each([
  ["up", 0, 2_000],
  ["down", 2_000, 0],
])("a ramp %s changes the rate evenly", (_, from, to) => {
  const ramp = [
    { atMs: 0, perSecond: from, ramp: true },
    { atMs: 20_000, perSecond: to },
  ];
  const arrivals = arrivalsOf(ramp, 20_000);
  const [early, late] = from === 0 ? [0.25, 0.75] : [0.75, 0.25];
  expect(arrivals.length / 20_000).toBeCloseTo(1, 1);
  expect(countIn(arrivals, 0, 10_000) / arrivals.length).toBeCloseTo(early, 1.5);
  expect(countIn(arrivals, 10_000, 20_000) / arrivals.length).toBeCloseTo(late, 1.5);
});

test("a last step to 0 ends all arrivals", () => {
  const times = new ArrivalTimes(
    [
      { atMs: 0, perSecond: 10 },
      { atMs: 1_000, perSecond: 0 },
    ],
    1,
    seededRandom(1),
  );
  while (times.next() < Infinity);
  expect(times.next()).toBe(Infinity);
});
