import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BounceBudget } from "./bounce-budget.ts";

/** Which of the calls are bounced, when all that may be are. */
function bounced(budget: BounceBudget, calls: number): boolean[] {
  return Array.from({ length: calls }, () => {
    budget.onCall();
    if (!budget.allows) return false;
    budget.onBounce();
    return true;
  });
}

const count = (all: readonly boolean[]) => all.filter(Boolean).length;

describe("BounceBudget", () => {
  test("of any n calls in a row, at most 10 + share * n are bounced, whatever is wanted and when", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.array(fc.boolean(), { maxLength: 200 }), (share, wanted) => {
        const budget = new BounceBudget(share);
        let balance = 0;
        let least = 0;
        for (const wants of wanted) {
          budget.onCall();
          const bounces = wants && budget.allows;
          if (bounces) budget.onBounce();
          balance += (bounces ? 1 : 0) - share;
          // The most that any run of calls up to here has beyond its share.
          expect(balance - least).toBeLessThanOrEqual(10 + 1e-6);
          least = Math.min(least, balance);
        }
      }),
      { seed: 7 },
    );
  });

  test.each([0.1, 0.2, 0.5, 1])("a share of %d is made use of in full", (share) => {
    expect(count(bounced(new BounceBudget(share), 1_000).slice(200))).toBeCloseTo(share * 800, -1);
  });

  test("a share of 0 allows the first few, and no more", () => {
    expect(count(bounced(new BounceBudget(0), 1_000))).toBe(10);
  });

  test("what went beyond the budget is paid back", () => {
    const budget = new BounceBudget(0.2);
    for (let n = 0; n < 100; n++) budget.onCall();
    for (let n = 0; n < 100; n++) budget.onBounce();
    const next = bounced(budget, 1_000);
    expect(next.indexOf(true)).toBeGreaterThanOrEqual(450);
    expect(next.indexOf(true)).toBeLessThanOrEqual(460);
  });
});
