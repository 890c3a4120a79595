import { expect, test } from "vitest";
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
