import { expect, test } from "vitest";
import { testOutcome } from "../../testing/test-outcome.ts";
import { type OutcomeKind, usualCode } from "../outcome.ts";
import { AttemptHistory, type FailedAttempt, type RetryTerms } from "./attempt-history.ts";
import { RetryBudget } from "./retry-budget.ts";
import { noRetry, retryPolicy } from "./retry-policy.ts";

const terms = (given: Partial<RetryTerms> = {}): RetryTerms => ({ policy: noRetry, random: () => 0.5, ...given });
const twice = terms({ policy: retryPolicy({ maxAttempts: 2 }, "always") });

function fail(history: AttemptHistory, endpointId: string, kind: OutcomeKind, fields: Partial<FailedAttempt> = {}) {
  const outcome = testOutcome(kind, { code: usualCode[kind] });
  return history.onFailed({ endpointId, outcome, connectionLeft: "no", isRepeatable: true, leftMs: Infinity, ...fields }, 0);
}

const answered = { outcome: testOutcome("failure", { processed: "yes", code: 14 }) };

test("an endpoint that failed is avoided from then on", () => {
  const history = new AttemptHistory(twice);
  expect(fail(history, "a", "unreachable")).toBe("elsewhere");
  expect(fail(history, "b", "failure")).toBe("elsewhere");
  expect([...history.avoid]).toEqual(["a", "b"]);
});

test("what may have been processed is repeated as often as the policy says, and what was not does not count", () => {
  expect(fail(new AttemptHistory(terms()), "a", "failure")).toBe("stop");
  const history = new AttemptHistory(twice);
  expect(fail(history, "a", "failure")).toBe("elsewhere");
  expect(fail(history, "b", "unreachable")).toBe("elsewhere");
  expect(fail(history, "c", "failure")).toBe("stop");
});

test("after an answer the call waits, up to a bound that doubles and has an end; after a failure it does not", () => {
  const backoff = { baseMs: 100, maxMs: 300 };
  const policy = retryPolicy({ maxAttempts: 10, backoff }, "always");
  const waits = (random: () => number) => {
    const history = new AttemptHistory(terms({ policy, random }));
    return ["a", "b", "c", "d"].map((id) => fail(history, id, "failure", answered));
  };
  expect(waits(() => 0.5)).toEqual([50, 100, 150, 150].map((elsewhereAfterMs) => ({ elsewhereAfterMs })));
  expect(waits(() => 0)).toEqual(["elsewhere", "elsewhere", "elsewhere", "elsewhere"]);
  expect(fail(new AttemptHistory(terms({ policy })), "a", "failure")).toBe("elsewhere");
});

test("a call that breaks twice meets servers that are going one after the other: it waits from then on, as far as it has the time", () => {
  const policy = retryPolicy({ maxAttempts: 10, backoff: { baseMs: 100, maxMs: 300 } }, "always");
  const history = new AttemptHistory(terms({ policy }));
  const decisions = ["a", "b", "c"].map((id) => fail(history, id, "failure"));
  expect(decisions).toEqual(["elsewhere", { elsewhereAfterMs: 100 }, { elsewhereAfterMs: 150 }]);
  expect(fail(history, "d", "failure", { leftMs: 20 })).toEqual({ elsewhereAfterMs: 10 });
  expect(fail(history, "e", "timeout")).toBe("elsewhere");
});

test("the server's own word on when to come again is kept, and one that does not want it is left alone", () => {
  const pushedBack = (pushbackMs: number, leftMs = Infinity) =>
    fail(new AttemptHistory(twice), "a", "failure", { ...answered, pushbackMs, leftMs });
  expect(pushedBack(700)).toEqual({ elsewhereAfterMs: 700 });
  expect(pushedBack(0)).toBe("elsewhere");
  expect(pushedBack(-1)).toBe("stop");
  expect(pushedBack(10_001)).toBe("stop");
  expect(pushedBack(700, 700)).toBe("stop");
});

test("a repeat that can't be made takes nothing from the budget", () => {
  const budget = new RetryBudget({ share: 0, minPerSecond: 0.1 }, 0);
  const limited = { ...twice, budget };
  expect(fail(new AttemptHistory(limited), "a", "failure", { isRepeatable: false })).toBe("stop");
  expect(fail(new AttemptHistory(limited), "a", "failure", { leftMs: 0 })).toBe("stop");
  expect(fail(new AttemptHistory(limited), "a", "unreachable")).toBe("elsewhere");
  expect(fail(new AttemptHistory(limited), "a", "failure")).toBe("elsewhere");
  expect(fail(new AttemptHistory(limited), "a", "failure")).toBe("stop");
});

test("a connection that left under the call doesn't count against its endpoint, the first time", () => {
  const history = new AttemptHistory(terms());
  fail(history, "a", "refused", { connectionLeft: "used" });
  expect(history.avoid.size).toBe(0);
  fail(history, "a", "refused", { connectionLeft: "used" });
  expect([...history.avoid]).toEqual(["a"]);
});

test("the third refusal ends the call; servers that leave after work refuse nothing", () => {
  const history = new AttemptHistory(terms());
  for (const id of ["a", "b", "c", "d"]) expect(fail(history, id, "refused", { connectionLeft: "used" })).toBe("elsewhere");
  expect(history.refusals).toBe(0);
  expect(fail(history, "e", "refused", { connectionLeft: "new" })).toBe("elsewhere");
  expect(fail(history, "f", "refused")).toBe("elsewhere");
  expect(fail(history, "g", "refused")).toBe("stop");
  expect(history.refusals).toBe(3);
});

test("those that bounced the call are avoided until they are pardoned, after which the call may not be bounced", () => {
  const history = new AttemptHistory(terms());
  expect(history.pardon()).toBe(false);
  fail(history, "broken", "unreachable");
  fail(history, "a", "overload");
  expect([history.bounces, ...history.avoid]).toEqual([1, "broken", "a"]);
  expect(history.pardon()).toBe(true);
  expect([history.bounces, ...history.avoid]).toEqual([2, "broken"]);
  expect(history.pardon()).toBe(false);
});

test("where nobody else is left, the policy's repeats may return to those that failed, which costs them no permit", () => {
  const history = new AttemptHistory(twice);
  fail(history, "a", "failure", answered);
  expect(history.pardon()).toBe(true);
  expect([history.bounces, history.avoid.size]).toEqual([0, 0]);
});
