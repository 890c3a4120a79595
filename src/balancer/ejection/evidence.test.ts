import { expect, test } from "vitest";
import { testOutcome } from "../../testing/test-outcome.ts";
import { evidenceOf, evidenceOfAnswer } from "./evidence.ts";

test.each([
  ["success", "yes", "good"],
  ["clientError", "yes", "good"],
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

test.each([
  ["success", "good"],
  ["clientError", "bad"],
  ["failure", "none"],
  ["timeout", "none"],
  ["overload", "none"],
] as const)("of the answers, %s is %s", (kind, evidence) => {
  expect(evidenceOfAnswer(testOutcome(kind))).toBe(evidence);
});
