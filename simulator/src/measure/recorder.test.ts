import { expect, test } from "vitest";
import { Recorder } from "./recorder.ts";

const recorder = () =>
  new Recorder({
    warmUpMs: 1_000,
    durationMs: 10_000,
    servers: 2,
    windows: [
      { fromMs: 0, toMs: 2_000 },
      { fromMs: 2_000, toMs: 3_000 },
    ],
  });

test("what belongs to a call is counted by its arrival: in the whole, and in each window, after the warm-up", () => {
  const recorded = recorder();
  for (const arrivedAtMs of [500, 1_500, 2_500, 2_600, 9_000]) {
    recorded.onAttempt(arrivedAtMs, arrivedAtMs > 2_550);
    recorded.onTaken(arrivedAtMs, arrivedAtMs > 2_550 ? 1 : 0);
  }
  recorded.onBounce(2_500);
  recorded.onServerError(2_500, 0);
  const [early, late] = recorded.windows;
  expect([recorded.overall.attempts, early?.attempts, late?.attempts]).toEqual([4, 1, 2]);
  expect([recorded.overall.crossZoneShare, early?.crossZoneShare, late?.crossZoneShare]).toEqual([0.5, 0, 0.5]);
  expect([...recorded.overall.taken, ...(late?.taken ?? [])]).toEqual([2, 2, 1, 1]);
  expect([...recorded.overall.errors, recorded.overall.bounces, early?.bounces]).toEqual([1, 0, 1, 0]);
});

test("calls of the warm-up are open like others, but not measured; nor are probes outside of the measured time", () => {
  const recorded = recorder();
  for (let call = 0; call < 3; call += 1) recorded.onCall();
  recorded.onCallEnd(500, 10, false, 0);
  recorded.onCallEnd(1_000, 10, true, 1);
  expect([recorded.open, recorded.calls.size, recorded.calls.server[0]]).toEqual([1, 1, 1]);
  for (const atMs of [999, 1_000, 9_999, 10_000]) recorded.onProbe(atMs);
  expect(recorded.probes).toBe(2);
});
