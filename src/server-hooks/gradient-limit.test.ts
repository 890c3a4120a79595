import { describe, expect, test } from "vitest";
import { GradientLimit } from "./gradient-limit.ts";

const bounds = { minLimit: 4, maxLimit: 100, initialLimit: 40 };

/** Calls of one kind for so long, one every ms. @returns when it is over */
function call(limit: GradientLimit, fromMs: number, forMs: number, latencyMs: number, inFlight: number): number {
  for (let nowMs = fromMs; nowMs < fromMs + forMs; nowMs++) limit.onEnd(latencyMs, Math.min(inFlight, limit.loweredValue), nowMs);
  return fromMs + forMs;
}

/** One that knows that calls take 10 ms without load. */
function calmLimit(): GradientLimit {
  const limit = new GradientLimit(bounds, 0);
  call(limit, 0, 1_000, 10, 1);
  return limit;
}

describe("the limit", () => {
  test("stays where it is while fewer than half of it are in flight and nothing is slow", () => {
    expect([calmLimit().value, calmLimit().baselineMs]).toEqual([40, 10]);
  });

  test("rises while more are in flight and nothing is slow, up to its highest", () => {
    const limit = calmLimit();
    call(limit, 1_000, 300, 10, 40);
    expect(limit.value).toBeGreaterThan(50);
    call(limit, 1_300, 2_000, 10, 100);
    expect(limit.value).toBe(100);
  });

  test("falls while calls are slow, down to its lowest", () => {
    const limit = calmLimit();
    call(limit, 1_000, 500, 100, 40);
    expect(limit.value).toBeLessThan(30);
    call(limit, 1_500, 5_000, 100, 40);
    expect(limit.value).toBeLessThan(7);
  });

  test("comes to rest where calls take longer by as much as a short queue does", () => {
    const limit = calmLimit();
    let nowMs = 1_000;
    // Sixteen at a time: beyond that calls wait.
    for (let step = 0; step < 60; step++) nowMs = call(limit, nowMs, 150, 10 * Math.max(1, limit.value / 16), 1_000);
    expect(limit.value).toBeGreaterThan(25);
    expect(limit.value).toBeLessThan(35);
  });

  test("is not moved by calls that began before it was set", () => {
    const limit = calmLimit();
    call(limit, 1_000, 900, 1_000, 40);
    expect(limit.value).toBe(40);
  });
});

describe("what calls take without load", () => {
  test("is measured once nobody has seen it for 10 s, with few in flight and for a short time", () => {
    const limit = calmLimit();
    call(limit, 1_000, 9_900, 20, 40);
    const lowered: number[] = [];
    for (let nowMs = 10_900; nowMs < 15_000; nowMs++) {
      if (limit.loweredValue < limit.value) lowered.push(nowMs);
      limit.onEnd(limit.loweredValue < limit.value ? 15 : 20, limit.loweredValue, nowMs);
    }
    expect(lowered.length).toBeGreaterThan(90);
    expect(lowered.length).toBeLessThan(200);
    expect(limit.baselineMs).toBeCloseTo(10 + 0.7 * 5, 5);
  });

  test("is given up where too many are let in all the same", () => {
    const limit = calmLimit();
    for (let nowMs = 1_000; nowMs < 30_000; nowMs++) limit.onEnd(20, 40, nowMs);
    expect(limit.baselineMs).toBe(10);
    expect(limit.loweredValue).toBe(limit.value);
  });

  test("is not measured where it is seen anyway", () => {
    const limit = calmLimit();
    for (let nowMs = 1_000; nowMs < 60_000; nowMs++) {
      limit.onEnd(10, 10, nowMs);
      expect(limit.loweredValue).toBe(limit.value);
    }
  });
});
