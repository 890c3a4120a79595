import { expect, test } from "vitest";
import { defaultSessionOptions, resolveSessionOptions } from "./session-options.ts";

test("what is not given, or undefined, is the default", () => {
  const given: object = { pingIntervalMs: undefined, connectTimeoutMs: 100 };
  expect(resolveSessionOptions(given)).toEqual({ ...defaultSessionOptions, connectTimeoutMs: 100 });
});
