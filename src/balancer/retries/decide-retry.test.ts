import { expect, test } from "vitest";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Outcome, OutcomeKind } from "../outcome.ts";
import { decideRetry, isBounce } from "./decide-retry.ts";

const KINDS: readonly OutcomeKind[] = ["success", "clientError", "failure", "timeout", "overload", "refused", "unreachable", "abandoned"];
const PROCESSED: readonly Outcome["processed"][] = ["no", "unknown", "yes"];

/** Every combination that is decided alike, as "kind processed". */
function elsewhere(idempotent: boolean, perhapsProcessed: number, refusals = 0): string[] {
  return KINDS.flatMap((kind) =>
    PROCESSED.filter(
      (processed) => decideRetry({ outcome: testOutcome(kind, { processed }), idempotent, perhapsProcessed, refusals }) === "elsewhere",
    ).map((processed) => `${kind} ${processed}`),
  );
}

test("an attempt that was certainly not processed is made elsewhere, whatever the method and however often", () => {
  const always = ["failure no", "overload no", "refused no", "unreachable no"];
  expect(elsewhere(false, 1)).toEqual(always);
  expect(elsewhere(false, 9)).toEqual(always);
  expect(elsewhere(true, 2)).toEqual(always);
});

test("one that may have been processed is made elsewhere once, if the method is idempotent and the endpoint broke", () => {
  const additionally = elsewhere(true, 1).filter((combination) => !elsewhere(true, 2).includes(combination));
  expect(additionally).toEqual(["failure unknown", "refused unknown", "unreachable unknown"]);
});

test("streams that were refused are made elsewhere twice; the third refusal ends the call", () => {
  const [before, after] = [elsewhere(true, 1, 2), elsewhere(true, 1, 3)];
  expect(before).toEqual(elsewhere(true, 1));
  expect(before.filter((combination) => !after.includes(combination))).toEqual(["refused no", "refused unknown"]);
});

test("a bounce is told from another overload by not having been processed", () => {
  const bounces = KINDS.flatMap((kind) =>
    PROCESSED.filter((processed) => isBounce(testOutcome(kind, { processed }))).map((processed) => `${kind} ${processed}`),
  );
  expect(bounces).toEqual(["overload no"]);
});
