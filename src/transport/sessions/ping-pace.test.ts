import { expect, test } from "vitest";
import { PingPace } from "./ping-pace.ts";

test("a server that is pinged too much is pinged at gRPC's safe pace, then ever less, but once a day at least", () => {
  const pace = new PingPace(30_000);
  const intervalsMs = Array.from({ length: 12 }, () => {
    pace.slowDown(pace.intervalMs);
    return pace.intervalMs;
  });
  expect(intervalsMs.slice(0, 3)).toEqual([300_000, 600_000, 1_200_000]);
  expect(intervalsMs.at(-1)).toBe(86_400_000);
});

test("ten sessions that began at the same pace and all complain slow it by one step", () => {
  const pace = new PingPace(30_000);
  for (let session = 0; session < 10; session++) pace.slowDown(30_000);
  expect(pace.intervalMs).toBe(300_000);
});

test("a complaint never makes pings more frequent than the user wants them", () => {
  const pace = new PingPace(Number.POSITIVE_INFINITY);
  pace.slowDown(pace.intervalMs);
  expect(pace.intervalMs).toBe(Number.POSITIVE_INFINITY);
});

test("pings that are off stay off", () => {
  const pace = new PingPace(0);
  pace.slowDown(0);
  expect(pace.intervalMs).toBe(0);
});
