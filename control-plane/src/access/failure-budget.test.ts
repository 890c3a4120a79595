import { expect, test } from "vitest";
import { FailureBudget } from "./failure-budget.ts";

const limits = { burst: 3, perSecond: 1, maxAddresses: 2 };

function failed(budget: FailureBudget, address: string, times: number, nowMs: number): void {
  for (let time = 0; time < times; time++) budget.failed(address, nowMs);
}

test("an address that has failed so often waits until one failure is forgiven, and the others do not", () => {
  const budget = new FailureBudget(limits);
  failed(budget, "a", 2, 1_000);
  expect(budget.isSpent("a", 1_000)).toBe(false);
  failed(budget, "a", 1, 1_000);
  expect(budget.isSpent("a", 1_000)).toBe(true);
  expect(budget.isSpent("a", 1_999)).toBe(true);
  expect(budget.isSpent("a", 2_000)).toBe(false);
  expect(budget.isSpent("b", 1_000)).toBe(false);
});

test("whoever has failed least recently is forgotten first, so that many addresses take no memory", () => {
  const budget = new FailureBudget(limits);
  for (const address of ["a", "b", "a"]) failed(budget, address, 3, 0);
  failed(budget, "c", 1, 0);
  expect(["a", "b", "c"].map((address) => budget.isSpent(address, 0))).toEqual([true, false, false]);
});
