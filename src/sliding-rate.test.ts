import { describe, expect, test } from "vitest";
import { SlidingRate } from "./sliding-rate.ts";

describe("SlidingRate", () => {
  test("counts over the last seconds, wherever the clock's origin is", () => {
    for (const originMs of [0, 123_456.7, -5_000]) {
      const rate = new SlidingRate(originMs);
      for (let atMs = 0; atMs < 30_000; atMs += 50) rate.add(originMs + atMs);
      expect(rate.perSecond(originMs + 30_000 - 1)).toBeCloseTo(20, 1);
    }
  });

  test("a young rate is over its own age, but never over less than a second", () => {
    const rate = new SlidingRate(0);
    rate.add(0);
    expect(rate.perSecond(1)).toBe(1);
    rate.add(2_000);
    rate.add(2_000);
    expect(rate.perSecond(4_000)).toBe(3 / 4);
  });

  test("what is older than the window is forgotten, after a gap of any length", () => {
    for (const gapMs of [10_000, 10_500, 19_999, 20_000, 3_600_000]) {
      const rate = new SlidingRate(0);
      for (let atMs = 0; atMs < 10_000; atMs += 100) rate.add(atMs);
      expect(rate.perSecond(9_900 + gapMs)).toBe(0);
      rate.add(9_900 + gapMs);
      expect(rate.perSecond(9_900 + gapMs)).toBeGreaterThan(0);
    }
  });

  test("falls as the window leaves a burst behind, and is zero after ten seconds", () => {
    const rate = new SlidingRate(0);
    for (let i = 0; i < 90; i++) rate.add(500);
    expect([1_000, 3_000, 9_000, 10_000].map((atMs) => rate.perSecond(atMs))).toEqual([90, 30, 10, 0]);
  });
});
