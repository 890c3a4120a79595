import { expect, test } from "vitest";
import { PingPace } from "./ping-pace.ts";
import { defaultSessionOptions, resolveSessionOptions } from "./session-options.ts";

test("what is not given, or undefined, is the default", () => {
  const given: object = { pingIntervalMs: undefined, connectTimeoutMs: 100 };
  expect(resolveSessionOptions(given)).toEqual({ ...defaultSessionOptions, connectTimeoutMs: 100 });
});

test.each([
  [{ connectTimeoutMs: 0 }, "session.connectTimeoutMs 0 is out of range; choose 1 or more"],
  [{ pingTimeoutMs: Number.NaN }, "session.pingTimeoutMs NaN is out of range; choose 1 or more"],
  [{ maxSessionsPerEndpoint: 0 }, "session.maxSessionsPerEndpoint 0 is out of range; choose 1 or more"],
  [{ pingIntervalMs: -1 }, "session.pingIntervalMs -1 is out of range; choose 0 (off) or more"],
])("%j is refused", (given, message) => {
  expect(() => resolveSessionOptions(given)).toThrow(message);
});

test("a server that is pinged too much is pinged at gRPC's safe pace, then ever less", () => {
  const pace = new PingPace(30_000);
  pace.slowDown();
  expect(pace.intervalMs).toBe(300_000);
  pace.slowDown();
  expect(pace.intervalMs).toBe(600_000);
});

test("pings that are off stay off", () => {
  const pace = new PingPace(0);
  pace.slowDown();
  expect(pace.intervalMs).toBe(0);
});
