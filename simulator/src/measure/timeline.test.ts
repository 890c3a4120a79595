import { expect, test } from "vitest";
import { CallLog } from "./call-log.ts";
import { timelineOf } from "./timeline.ts";

test("calls stand in the second of their arrival, in whatever order they ended", () => {
  const log = new CallLog();
  log.add(3_100, 20, false, 0);
  log.add(1_500, 3_000, true, 0);
  log.add(3_999, 10, false, 0);
  log.add(1_200, 7, false, 0);
  expect(timelineOf(log, 1_000, 4_500)).toEqual([
    { atMs: 1_000, calls: 2, errors: 1, p50Ms: 7, p99Ms: 3_000 },
    { atMs: 2_000, calls: 0, errors: 0, p50Ms: 0, p99Ms: 0 },
    { atMs: 3_000, calls: 2, errors: 0, p50Ms: 10, p99Ms: 20 },
    { atMs: 4_000, calls: 0, errors: 0, p50Ms: 0, p99Ms: 0 },
  ]);
});

test("the log grows as it must, and forgets nothing", () => {
  const log = new CallLog();
  for (let i = 0; i < 20_000; i += 1) log.add(i, 2 * i, i % 3 === 0, 0);
  expect(log.size).toBe(20_000);
  expect([log.arrivedAtMs[19_999], log.latencyMs[19_999], log.failed[19_998], log.failed[19_999]]).toEqual([19_999, 39_998, 1, 0]);
  expect(log.latencyMs.every((latencyMs, i) => latencyMs === 2 * i)).toBe(true);
});
