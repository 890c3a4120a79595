import { expect, test } from "vitest";
import { testOutcome } from "../../testing/test-outcome.ts";
import { evidenceOf } from "./evidence.ts";

test.each([
  ["success", "yes", "good"],
  ["failure", "yes", "bad"],
  ["failure", "unknown", "bad"],
  ["timeout", "unknown", "bad"],
  ["overload", "yes", "bad"],
  ["overload", "unknown", "bad"],
  ["overload", "no", "none"],
  ["refused", "no", "none"],
  ["unreachable", "no", "none"],
  ["abandoned", "unknown", "none"],
] as const)("%s, processed: %s, is evidence: %s", (kind, processed, evidence) => {
  expect(evidenceOf(testOutcome(kind, { processed }))).toBe(evidence);
});
