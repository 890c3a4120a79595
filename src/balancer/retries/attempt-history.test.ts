import { expect, test } from "vitest";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { OutcomeKind } from "../outcome.ts";
import { AttemptHistory, type FailedAttempt } from "./attempt-history.ts";

const failed = (endpointId: string, kind: OutcomeKind, connectionLeft: FailedAttempt["connectionLeft"] = "no"): FailedAttempt => ({
  endpointId,
  outcome: testOutcome(kind),
  connectionLeft,
});

test("an endpoint that failed is avoided from then on", () => {
  const history = new AttemptHistory(true);
  expect(history.onFailed(failed("a", "unreachable"))).toBe("elsewhere");
  expect(history.onFailed(failed("b", "failure"))).toBe("elsewhere");
  expect([...history.avoid]).toEqual(["a", "b"]);
});

test("what may have been processed is repeated once, and only for a method that may be carried out twice", () => {
  expect(new AttemptHistory(false).onFailed(failed("a", "failure"))).toBe("stop");
  const history = new AttemptHistory(true);
  expect(history.onFailed(failed("a", "failure"))).toBe("elsewhere");
  expect(history.onFailed(failed("b", "unreachable"))).toBe("elsewhere");
  expect(history.onFailed(failed("c", "failure"))).toBe("stop");
});

test("a connection that left under the call doesn't count against its endpoint, the first time", () => {
  const history = new AttemptHistory(false);
  history.onFailed(failed("a", "refused", "used"));
  expect(history.avoid.size).toBe(0);
  history.onFailed(failed("a", "refused", "used"));
  expect([...history.avoid]).toEqual(["a"]);
});

test("the third refusal ends the call; servers that leave after work refuse nothing", () => {
  const history = new AttemptHistory(false);
  for (const id of ["a", "b", "c", "d"]) expect(history.onFailed(failed(id, "refused", "used"))).toBe("elsewhere");
  expect(history.refusals).toBe(0);
  expect(history.onFailed(failed("e", "refused", "new"))).toBe("elsewhere");
  expect(history.onFailed(failed("f", "refused"))).toBe("elsewhere");
  expect(history.onFailed(failed("g", "refused"))).toBe("stop");
  expect(history.refusals).toBe(3);
});

test("those that bounced the call are avoided until they are pardoned, after which the call may not be bounced", () => {
  const history = new AttemptHistory(false);
  expect(history.pardonBouncers()).toBe(false);
  history.onFailed(failed("broken", "unreachable"));
  history.onFailed(failed("a", "overload"));
  expect([history.bounces, ...history.avoid]).toEqual([1, "broken", "a"]);
  expect(history.pardonBouncers()).toBe(true);
  expect([history.bounces, ...history.avoid]).toEqual([2, "broken"]);
  expect(history.pardonBouncers()).toBe(false);
});
