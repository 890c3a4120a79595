import fc from "fast-check";
import { expect, test } from "vitest";
import { isBeyondChance } from "./chance.ts";

test("where no call fails usually, any failure is beyond chance; a rate that is usual or better never is", () => {
  expect(isBeyondChance(0.99, 1, 100)).toBe(true);
  expect(isBeyondChance(1, 1, 1_000)).toBe(false);
  expect(isBeyondChance(0.5, 0.5, 1_000)).toBe(false);
  expect(isBeyondChance(0.6, 0.5, 1_000)).toBe(false);
});

test("of failures alone, it is as many as multiply to less than one in a million", () => {
  expect([19, 20].map((requests) => isBeyondChance(0, 0.5, requests))).toEqual([false, true]);
  expect([5, 7].map((requests) => isBeyondChance(0, 0.9, requests))).toEqual([false, true]);
});

const question = fc.record({
  requests: fc.integer({ min: 1, max: 60 }),
  ok: fc.nat(60),
  usual: fc.double({ min: 0.01, max: 0.999, noNaN: true }),
});

test("what is beyond chance is indeed less likely than one in a million, by the binomial distribution; and 1,000 times less likely suffices", () => {
  fc.assert(
    fc.property(question, ({ requests, ok, usual }) => {
      fc.pre(ok <= requests);
      const chance = chanceOfAtMost(ok, requests, usual);
      if (isBeyondChance(ok / requests, usual, requests)) expect(chance).toBeLessThan(1e-6);
      else if (ok / requests < usual) expect(chance).toBeGreaterThan(1e-9);
    }),
    { numRuns: 2_000 },
  );
});

/** Of `requests` calls that succeed with chance `usual` each, the chance that no more than `ok` do. */
function chanceOfAtMost(ok: number, requests: number, usual: number): number {
  let term = (1 - usual) ** requests;
  let sum = term;
  for (let k = 1; k <= ok; k += 1) {
    term *= ((requests - k + 1) / k) * (usual / (1 - usual));
    sum += term;
  }
  return sum;
}
