import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { isServersFault } from "./servers-fault.ts";

test.each([
  [new ConnectError("", Code.Internal), true],
  [new ConnectError("", Code.DeadlineExceeded), true],
  [new ConnectError("", Code.NotFound), false],
  [new ConnectError("", Code.ResourceExhausted), false],
  [new ConnectError("", Code.Canceled), false],
  [new Error("boom"), true],
  ["thrown text", true],
  [AbortSignal.abort().reason, false],
])("%s: %s", (reason, expected) => {
  expect(isServersFault(reason)).toBe(expected);
});
