import { expect, test } from "vitest";
import { testOutcome } from "../../testing/test-outcome.ts";
import { type Outcome, type OutcomeKind, usualCode } from "../outcome.ts";
import { groundForRetry, isBounce, type RetryGround } from "./decide-retry.ts";
import { noRetry, type RetryPolicy, retryPolicy } from "./retry-policy.ts";

const KINDS: readonly OutcomeKind[] = ["success", "clientError", "failure", "timeout", "overload", "refused", "unreachable", "abandoned"];
const PROCESSED: readonly Outcome["processed"][] = ["no", "unknown", "yes"];

/** Every combination that is decided so, as "kind processed". */
function decided(ground: RetryGround, policy: RetryPolicy, perhapsProcessed = 1, refusals = 0): string[] {
  return KINDS.flatMap((kind) =>
    PROCESSED.filter((processed) => {
      const outcome = testOutcome(kind, { processed, code: usualCode[kind] });
      return groundForRetry({ outcome, policy, perhapsProcessed, refusals }) === ground;
    }).map((processed) => `${kind} ${processed}`),
  );
}

const twice = retryPolicy({ maxAttempts: 2, codes: [] }, "always");

test("an attempt that was certainly not processed is made elsewhere, whatever the method and however often", () => {
  const always = ["failure no", "overload no", "refused no", "unreachable no"];
  expect(decided("unprocessed", noRetry)).toEqual(always);
  expect(decided("unprocessed", noRetry, 9)).toEqual(always);
  expect(decided("unprocessed", twice, 2)).toEqual(always);
});

test("of a method that may be carried out twice, what broke or hung is made again as often as its policy says", () => {
  expect(decided("policy", twice)).toEqual(["failure unknown", "timeout unknown", "refused unknown", "unreachable unknown"]);
  expect(decided("policy", twice, 2)).toEqual([]);
  expect(decided("policy", noRetry)).toEqual([]);
});

test("an answer is made again by its code; a success, a server that asks for less and a caller who left are no reason", () => {
  const listed = retryPolicy({ codes: ["unavailable"] }, "never");
  expect(decided("policy", listed)).toEqual(["failure yes", "refused yes", "unreachable yes"]);
  expect(decided("policy", retryPolicy({ codes: ["resource_exhausted", "invalid_argument", "canceled"] }, "never"))).toEqual([
    "clientError yes",
    "overload yes",
  ]);
});

test("by code alone, what broke is made again where its code is listed, and an overload as well", () => {
  const policy = retryPolicy({ codes: ["unavailable", "resource_exhausted"] }, "byCode");
  const unknown = decided("policy", policy).filter((combination) => combination.endsWith("unknown"));
  expect(unknown).toEqual(["failure unknown", "overload unknown", "refused unknown", "unreachable unknown"]);
  expect(decided("policy", retryPolicy({ codes: ["internal"] }, "byCode"))).toEqual([]);
});

test("a server that is quicker to say that the time of an attempt is over counts as one that hung", () => {
  const inTime = (perAttemptTimeoutMs?: number) => decided("policy", retryPolicy({ codes: [], perAttemptTimeoutMs }, "always"));
  expect(inTime(100).filter((combination) => !inTime().includes(combination))).toEqual(["timeout yes"]);
});

test("streams that were refused are made elsewhere twice; the third refusal ends the call", () => {
  const [before, after] = [decided("none", twice, 1, 2), decided("none", twice, 1, 3)];
  expect(after.filter((combination) => !before.includes(combination))).toEqual(["refused no", "refused unknown"]);
});

test("a bounce is told from another overload by not having been processed", () => {
  const bounces = KINDS.flatMap((kind) =>
    PROCESSED.filter((processed) => isBounce(testOutcome(kind, { processed }))).map((processed) => `${kind} ${processed}`),
  );
  expect(bounces).toEqual(["overload no"]);
});
