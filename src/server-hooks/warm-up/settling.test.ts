import { describe, expect, test } from "vitest";
import { Settling } from "./settling.ts";

const quiet = () => 0;

/** Calls one after the other, ten a ms. */
function play(settling: Settling, latencyMs: (call: number) => number, calls: number): Settling {
  for (let call = 0; call < calls && !settling.isSettled; call++) settling.add(latencyMs(call), call / 10);
  return settling;
}

describe("latency has settled", () => {
  test("when two windows in a row have nearly the same 95th percentile", () => {
    const settling = play(new Settling(1, quiet, 0), (call) => (call < 4_000 ? 100 : 10) + (call % 100) / 100, 10_000);
    expect(settling).toMatchObject({ isSettled: true, share: 1, p95Ms: 100.95 });
    expect(play(new Settling(1, quiet, 0), (call) => 1_000 * 0.8 ** (call / 2_000), 40_000).isSettled).toBe(false);
  });

  test("when they differ by less than a millisecond, however many times as long one is", () => {
    expect(play(new Settling(1, quiet, 0), (call) => (call % 4_000 < 2_000 ? 0.2 : 1.1), 8_000).isSettled).toBe(true);
    expect(play(new Settling(1, quiet, 0), (call) => (call % 4_000 < 2_000 ? 0.2 : 1.3), 8_000).isSettled).toBe(false);
  });

  test("not before so many calls, however even they are", () => {
    expect(play(new Settling(20_000, quiet, 0), () => 10, 19_999).isSettled).toBe(false);
    expect(play(new Settling(20_000, quiet, 0), () => 10, 24_000).isSettled).toBe(true);
  });

  test("not while the event loop is late by more than calls take", () => {
    expect(play(new Settling(1, () => 50, 0), () => 1, 40_000).isSettled).toBe(false);
    expect(play(new Settling(1, () => 50, 0), () => 60, 40_000).isSettled).toBe(true);
  });
});

test("the share grows with how alike windows are, and with the calls that have to be", () => {
  const settling = new Settling(8_000, quiet, 0);
  play(settling, (call) => (call < 2_000 ? 100 : 50), 4_002);
  expect(settling.share).toBeCloseTo(0.5, 5);
  const even = new Settling(16_000, quiet, 0);
  play(even, () => 10, 4_002);
  expect(even.share).toBeCloseTo(0.25, 2);
});
