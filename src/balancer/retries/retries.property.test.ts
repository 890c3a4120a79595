import "../../../test/support/property-seed.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyRuns } from "../../../test/support/property-runs.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Outcome, OutcomeKind } from "../outcome.ts";
import { AttemptHistory, type FailedAttempt } from "./attempt-history.ts";
import { RetryBudget } from "./retry-budget.ts";
import { noRetry, type RetryPolicy } from "./retry-policy.ts";

const windowMs = 10_000;

const times = fc.array(fc.record({ afterMs: fc.nat(3_000), what: fc.constantFrom("call", "call", "call", "repeat") }), { maxLength: 120 });
const budgets = fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), minPerSecond: fc.constantFrom(0, 0.1, 1, 3) });

test("in any ten seconds, repeats are within the budget; and one is refused only if it would not be", () => {
  fc.assert(
    fc.property(budgets, times, (options, steps) => {
      const budget = new RetryBudget(options, 0);
      const calls: number[] = [];
      const repeats: number[] = [];
      let nowMs = 0;
      // As it counts: by whole seconds, the present one and nine before it.
      const isRecent = (atMs: number) => Math.floor(nowMs / 1_000) - Math.floor(atMs / 1_000) < 10;
      const allowed = () => options.share * calls.filter(isRecent).length + 10 * options.minPerSecond + 1e-9;
      for (const { afterMs, what } of steps) {
        nowMs += afterMs;
        if (what === "call") {
          calls.push(nowMs);
          budget.onCall(nowMs);
          continue;
        }
        const fits = repeats.filter(isRecent).length + 1 <= allowed();
        expect(budget.take(nowMs)).toBe(fits);
        if (fits) repeats.push(nowMs);
      }
      for (const endMs of repeats) {
        const inWindow = (atMs: number, extraMs = 0) => atMs <= endMs && atMs > endMs - windowMs - extraMs;
        const most = options.share * calls.filter((atMs) => inWindow(atMs)).length + 10 * options.minPerSecond + 1e-9;
        expect(repeats.filter((atMs) => inWindow(atMs, -1_000)).length).toBeLessThanOrEqual(most);
      }
    }),
    { numRuns: propertyRuns(2_500) },
  );
});

const kinds: readonly OutcomeKind[] = ["success", "clientError", "failure", "timeout", "overload", "refused", "unreachable", "abandoned"];
const outcomes: fc.Arbitrary<Outcome> = fc
  .record({
    kind: fc.constantFrom(...kinds),
    processed: fc.constantFrom("no", "unknown", "yes"),
    code: fc.constantFrom(1, 5, 8, 10, 13, 14),
  })
  .filter(({ kind, processed }) => (kind === "success" || kind === "clientError" ? processed === "yes" : true))
  .map(({ kind, ...rest }) => testOutcome(kind, rest));

const policies: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  codes: fc.uniqueArray(fc.constantFrom(1, 8, 10, 14)).map((codes) => new Set(codes)),
  whenBroken: fc.constantFrom("never", "byCode", "always"),
  baseMs: fc.nat(100),
  maxMs: fc.nat(300),
  multiplier: fc.constantFrom(1, 2),
  perAttemptTimeoutMs: fc.constantFrom(Infinity, Infinity, 50),
});

const attempts = fc.array(
  fc.record({
    endpointId: fc.constantFrom("a", "b", "c"),
    outcome: outcomes,
    connectionLeft: fc.constantFrom("no", "new", "used"),
    isRepeatable: fc.constant(true),
    pushbackMs: fc.option(fc.integer({ min: -1, max: 20_000 }), { nil: undefined, freq: 3 }),
    leftMs: fc.constantFrom(Infinity, Infinity, 500, 0),
  }) satisfies fc.Arbitrary<FailedAttempt>,
  { minLength: 1, maxLength: 12 },
);

const mayRepeat: fc.Arbitrary<RetryPolicy> = fc.oneof(fc.constant(noRetry), policies);

test("once only: no call is made again after its answer, or after a server may have acted on it unless its method says so", () => {
  fc.assert(
    fc.property(mayRepeat, attempts, fc.integer(), (policy, tried, seed) => {
      const budget = new RetryBudget({ share: 0, minPerSecond: 0.4 }, 0);
      const history = new AttemptHistory({ policy, budget, random: seededRandom(seed) });
      let perhapsProcessed = 0;
      for (const attempt of tried) {
        const { outcome, leftMs, pushbackMs } = attempt;
        const { processed, code, kind } = outcome;
        const before = budget.inspect(0).repeats;
        const decision = history.onFailed(attempt, 0);
        const isPolicys = budget.inspect(0).repeats > before;
        if (processed !== "no") perhapsProcessed++;
        if (decision === "stop") {
          expect(isPolicys).toBe(false);
          break;
        }
        expect(["success", "abandoned"]).not.toContain(kind);
        if (processed === "no") {
          expect([decision, isPolicys]).toEqual(["elsewhere", false]);
          continue;
        }
        // A server may have acted on it: its method says so, once more for each attempt that the budget paid.
        expect(isPolicys).toBe(true);
        expect(perhapsProcessed).toBeLessThan(policy.maxAttempts);
        const isListed = policy.codes.has(code);
        const isLate = kind === "timeout" && policy.perAttemptTimeoutMs < Infinity;
        if (processed === "yes" && !isLate) expect(isListed).toBe(true);
        else expect(policy.whenBroken === "always" || (isListed && policy.whenBroken === "byCode")).toBe(true);
        const waitMs = decision === "elsewhere" ? 0 : decision.elsewhereAfterMs;
        expect(waitMs === 0 || waitMs < leftMs).toBe(true);
        if (pushbackMs !== undefined) expect(waitMs).toBe(pushbackMs);
      }
      expect(budget.inspect(0).repeats).toBeLessThanOrEqual(4);
    }),
    { numRuns: propertyRuns(6_000) },
  );
});

test("a request that can't be sent again is not, whatever else holds", () => {
  fc.assert(
    fc.property(mayRepeat, attempts, (policy, tried) => {
      const history = new AttemptHistory({ policy, random: () => 0 });
      for (const attempt of tried) expect(history.onFailed({ ...attempt, isRepeatable: false }, 0)).toBe("stop");
    }),
    { numRuns: propertyRuns(500) },
  );
});
