import { describe, expect, test } from "vitest";
import { smoothed } from "./smoothed.ts";

describe("a smoothed event loop", () => {
  test("asks the probe at most every 100 ms", () => {
    let asked = 0;
    const read = smoothed(() => ({ utilization: ++asked, delayMs: 0 }), 0);
    for (let nowMs = 0; nowMs <= 1_000; nowMs += 5) read(nowMs);
    expect(asked).toBe(10);
  });

  test("approaches a steady load with a time constant of a second, however often it is read", () => {
    for (const stepMs of [100, 250, 1_000]) {
      const read = smoothed(() => ({ utilization: 0.5, delayMs: 40 }), 0);
      for (let nowMs = stepMs; nowMs <= 1_000; nowMs += stepMs) read(nowMs);
      expect(read(1_000).utilization).toBeCloseTo(0.5 * (1 - Math.exp(-1)), 9);
      expect(read(1_000).delayMs).toBeCloseTo(40 * (1 - Math.exp(-1)), 9);
    }
  });

  test("after a long silence the latest sample is all that counts", () => {
    const read = smoothed(() => ({ utilization: 0.25, delayMs: 3 }), 0);
    expect(read(60_000).utilization).toBeCloseTo(0.25, 9);
  });
});
