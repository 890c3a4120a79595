import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import { erlangC, expectedMaxOfBins, meanWait, processorSharingTime, supermarketTime, waitQuantile } from "./theory.ts";

test.each([
  [1, 0.9, 9, 45],
  [4, 0.9, 1.97, 10.9],
  [16, 0.9, 0.37, 2.55],
  [64, 0.9, 0.049, 0.54],
  [100, 0.9, 0.022, 0.31],
  [400, 0.9, 0.0006, 0.02],
  [1, 0.95, 19, 91],
  [16, 0.95, 0.975, 5.4],
  [100, 0.95, 0.1, 0.79],
])("M/M/%i at %f: mean wait %f, p99 %f service times", (servers, load, mean, p99) => {
  expect(Math.abs(meanWait(servers, load) / mean - 1)).toBeLessThan(0.06);
  expect(Math.abs(waitQuantile(servers, load, 0.99) / p99 - 1)).toBeLessThan(0.06);
});

test("Erlang C: one server waits as often as it is busy; two servers at 1 erlang, once in three", () => {
  expect(erlangC(1, 0.7)).toBeCloseTo(0.7, 12);
  expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 12);
});

test("who hardly ever waits has a p99 wait of 0, and times scale with the service time", () => {
  expect(waitQuantile(100, 0.5, 0.99)).toBe(0);
  expect(meanWait(4, 0.9, 50)).toBeCloseTo(50 * meanWait(4, 0.9), 10);
  expect(waitQuantile(4, 0.9, 0.99, 50)).toBeCloseTo(50 * waitQuantile(4, 0.9, 0.99), 10);
});

test("processor sharing slows all work alike; exponential work on one server takes as long as in M/M/1", () => {
  expect(processorSharingTime(20, 0.75)).toBe(80);
  expect(processorSharingTime(1, 0.9)).toBeCloseTo(1 + meanWait(1, 0.9), 10);
});

test.each([
  [0.9, [10, 2.61, 2.03, 1.63]],
  [0.95, [20, 3.38, 2.54, 1.99]],
  [0.99, [100, 5.43, 3.86, 2.9]],
])("supermarket at %f: mean times %o with 1, 2, 3 and 5 choices", (load, published) => {
  for (const [index, choices] of [1, 2, 3, 5].entries()) {
    expect(Math.abs(supermarketTime(choices, load) / (published[index] as number) - 1)).toBeLessThan(0.01);
  }
});

test("balls in bins: small cases by hand", () => {
  expect(expectedMaxOfBins(1, 5)).toBeCloseTo(1, 10);
  expect(expectedMaxOfBins(2, 2)).toBeCloseTo(1.5, 10);
  expect(expectedMaxOfBins(3, 2)).toBeCloseTo((3 * 2 + 2 * 6) / 8, 10);
  expect(expectedMaxOfBins(7, 1)).toBeCloseTo(7, 10);
});

test("balls in bins: agrees with throwing them", () => {
  const random = seededRandom(5);
  let sum = 0;
  for (let round = 0; round < 4000; round += 1) {
    const bins = new Int32Array(50);
    for (let ball = 0; ball < 200; ball += 1) (bins[Math.floor(random() * 50)] as number) += 1;
    sum += Math.max(...bins);
  }
  expect(Math.abs(expectedMaxOfBins(200, 50) / (sum / 4000) - 1)).toBeLessThan(0.01);
});
