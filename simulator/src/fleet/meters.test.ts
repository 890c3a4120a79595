import { expect, test } from "vitest";
import { BusyMeter } from "./busy-meter.ts";
import { LatencyMemory } from "./latency-memory.ts";
import { RateMeter } from "./rate-meter.ts";

test("busy time is time with work, by the share of the cores in use", () => {
  const meter = new BusyMeter(4, 0);
  meter.set(2, 4, 1_000);
  meter.set(8, 4, 2_000);
  meter.set(0, 4, 3_000);
  expect(meter.busyMs(10_000)).toBeCloseTo(500 + 1_000, 9);
});

test("utilization follows jobs per core with a memory of a second, above 1 too", () => {
  const meter = new BusyMeter(2, 0);
  meter.set(6, 2, 0);
  expect(meter.utilization(1_000)).toBeCloseTo(3 * (1 - Math.exp(-1)), 9);
  expect(meter.utilization(20_000)).toBeCloseTo(3, 6);
  meter.set(0, 2, 20_000);
  expect(meter.utilization(21_000)).toBeCloseTo(3 * Math.exp(-1), 6);
});

test("with fewer cores, the same jobs are more load", () => {
  const meter = new BusyMeter(4, 0);
  meter.set(2, 4, 0);
  meter.set(2, 1, 1_000);
  expect(meter.busyMs(2_000)).toBeCloseTo(500 + 1_000, 9);
  expect(meter.utilization(20_000)).toBeCloseTo(2, 6);
});

test("a rate is that of the last 9 to 10 seconds", () => {
  const meter = new RateMeter(0);
  for (let atMs = 0; atMs < 20_000; atMs += 10) meter.add(atMs);
  expect(meter.perSecond(20_000)).toBeCloseTo(100, 0);
  expect(meter.perSecond(24_500)).toBeCloseTo(500 / 9.5, 6);
  expect(meter.perSecond(40_000)).toBe(0);
});

test("a single call in the first millisecond is not a thousand per second", () => {
  const meter = new RateMeter(5_000);
  meter.add(5_001);
  expect(meter.perSecond(5_001)).toBe(1);
});

test("a probe hears the median latency of calls that met as many in flight, or of the nearest", () => {
  const memory = new LatencyMemory();
  expect(memory.near(3, 0)).toBeUndefined();
  for (const latencyMs of [10, 50, 20]) memory.add(2, latencyMs, 100);
  memory.add(6, 90, 100);
  expect(memory.near(2, 100)).toBe(20);
  expect(memory.near(3, 100)).toBe(20);
  expect(memory.near(4, 100)).toBe(20);
  expect(memory.near(5, 100)).toBe(90);
  expect(memory.near(50, 100)).toBe(90);
});

test("old latencies are forgotten, one by one and after a gap", () => {
  const memory = new LatencyMemory();
  for (let call = 0; call < 20; call += 1) memory.add(1, call < 10 ? 1_000 : 10, call);
  expect(memory.near(1, 20)).toBe(10);
  memory.add(2, 30, 5_015);
  expect(memory.near(1, 5_015)).toBe(10);
  expect(memory.near(1, 5_025)).toBe(30);
  memory.add(1, 70, 9_000);
  expect(memory.near(1, 9_000)).toBe(70);
});
