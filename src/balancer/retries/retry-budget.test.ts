import { expect, test } from "vitest";
import { RetryBudget } from "./retry-budget.ts";

function taken(budget: RetryBudget, nowMs: number, wanted: number): number {
  let count = 0;
  for (let i = 0; i < wanted; i++) if (budget.take(nowMs)) count++;
  return count;
}

test("a tenth of the calls of ten seconds may be repeated, and one a second beside them", () => {
  const budget = new RetryBudget({}, 0);
  for (let i = 0; i < 500; i++) budget.onCall(i);
  expect(taken(budget, 600, 1_000)).toBe(60);
  expect(budget.inspect(600)).toEqual({ calls: 500, repeats: 60, allowed: 60, refused: 940 });
});

test("what was spent comes back after ten seconds, and what was not spent is lost", () => {
  const budget = new RetryBudget({}, 0);
  expect(taken(budget, 0, 100)).toBe(10);
  expect(taken(budget, 9_999, 100)).toBe(0);
  expect(taken(budget, 10_000, 100)).toBe(10);
  expect(taken(budget, 100_000, 100)).toBe(10);
});

test("a share that is exact allows exactly so many", () => {
  const budget = new RetryBudget({ share: 0.1, minPerSecond: 0 }, 0);
  expect(budget.take(0)).toBe(false);
  for (let i = 0; i < 30; i++) budget.onCall(0);
  expect(taken(budget, 0, 100)).toBe(3);
});

test("another share counts from now on, for what was counted before as well", () => {
  const budget = new RetryBudget({ share: 0, minPerSecond: 0 }, 0);
  for (let i = 0; i < 10; i++) budget.onCall(0);
  expect(budget.take(1)).toBe(false);
  budget.configure({ share: 0.5, minPerSecond: 0 });
  expect(taken(budget, 2, 10)).toBe(5);
});
