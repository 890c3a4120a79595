import fc from "fast-check";
import { expect, test } from "vitest";
import type { Member } from "../member.ts";
import { AgedEstimates } from "./aged-estimates.ts";
import { SlotTables } from "./slot-table.ts";

const GOOD_NEWS_MS = 100;
const BAD_NEWS_MS = 1_000;
const MEMBERS = 5;

function member(slot: number): Member {
  return { slot } as Member;
}

const members = Array.from({ length: MEMBERS }, (_, slot) => member(slot));

function estimatesOf(goodNewsMs = GOOD_NEWS_MS, badNewsMs = BAD_NEWS_MS, tables = new SlotTables()): AgedEstimates {
  const estimates = new AgedEstimates(tables, goodNewsMs, badNewsMs);
  tables.membership(members);
  return estimates;
}

/** Member 0 said 10 until the mean was that; member 1 said `value` at 0. */
function withUsualTen(value: number, tables?: SlotTables): AgedEstimates {
  const estimates = estimatesOf(GOOD_NEWS_MS, BAD_NEWS_MS, tables);
  estimates.note(0, 10, 1, 0);
  estimates.note(1, value, 1, 0);
  return estimates;
}

/** How much of its distance to the mean the estimate of member 1 has kept. */
function keptShare(value: number, ageMs: number): number {
  const estimates = withUsualTen(value);
  return (estimates.at(1, ageMs) - estimates.mean) / (value - estimates.mean);
}

test("nothing is known at first; then, of whom nothing is known, the mean is", () => {
  const estimates = estimatesOf();
  expect([estimates.isKnown, estimates.mean, estimates.at(3, 0), estimates.knows(3)]).toEqual([false, 0, 0, false]);
  estimates.note(1, 10, 1, 0);
  expect([estimates.isKnown, estimates.mean, estimates.at(3, 0), estimates.knows(3), estimates.knows(1)]).toEqual([
    true,
    10,
    10,
    false,
    true,
  ]);
});

test("an estimate approaches the mean, good news sooner than bad: to 1/e of its distance in its time", () => {
  expect(keptShare(2, 0)).toBe(1);
  expect(keptShare(50, 0)).toBe(1);
  expect(keptShare(2, GOOD_NEWS_MS)).toBeCloseTo(1 / Math.E, 10);
  expect(keptShare(50, BAD_NEWS_MS)).toBeCloseTo(1 / Math.E, 10);
  expect(keptShare(2, 10 * GOOD_NEWS_MS)).toBeLessThan(1e-4);
  expect(keptShare(50, 10 * GOOD_NEWS_MS)).toBeGreaterThan(0.3);
});

test("the pace may change", () => {
  const estimates = withUsualTen(2);
  estimates.setPace(400, 400);
  expect((estimates.at(1, 400) - estimates.mean) / (2 - estimates.mean)).toBeCloseTo(1 / Math.E, 10);
});

test("asking changes nothing", () => {
  const estimates = withUsualTen(50);
  const once = withUsualTen(50).at(1, 500);
  for (let nowMs = 0; nowMs < 500; nowMs += 1) estimates.at(1, nowMs);
  expect(estimates.at(1, 500)).toBe(once);
});

test("with a gain, a new value moves the estimate as it has become by then, by so much of the way", () => {
  const estimates = withUsualTen(50);
  estimates.note(1, 20, 0.1, 500);
  const { mean } = estimates;
  const before = mean + (50 - mean) * Math.exp(-0.5);
  expect(estimates.at(1, 500)).toBeCloseTo(before + 0.1 * (20 - before), 10);
});

test("the mean is over some 50 values, whoever they come from", () => {
  const estimates = estimatesOf();
  estimates.note(0, 10, 1, 0);
  for (let count = 0; count < 50; count += 1) estimates.note(count % MEMBERS, 20, 1, 0);
  expect(estimates.mean).toBeGreaterThan(10 + 10 * 0.5);
  expect(estimates.mean).toBeLessThan(10 + 10 * 0.8);
  for (let count = 0; count < 500; count += 1) estimates.note(count % MEMBERS, 20, 1, 0);
  expect(estimates.mean).toBeCloseTo(20, 2);
});

test("a claim is kept as it is, but raises the mean by a fifth and a bit at most", () => {
  const estimates = estimatesOf();
  estimates.noteClaim(0, 10, 0, 0);
  estimates.noteClaim(1, 1e9, 0, 0);
  expect(estimates.at(1, 0)).toBe(1e9);
  expect(estimates.mean).toBeGreaterThan(10);
  expect(estimates.mean).toBeLessThan(10 * 1.2 + 1);
});

test("a doubted claim is kept as it is, but lowers the mean no further than it is told to count", () => {
  const estimates = estimatesOf();
  estimates.noteClaim(0, 10, 0, 0);
  for (let claim = 0; claim < 1_000; claim += 1) estimates.noteClaim(1, 0, 10, 0);
  expect([estimates.mean, estimates.at(1, 0)]).toEqual([10, 0]);
  for (let claim = 0; claim < 1_000; claim += 1) estimates.noteClaim(1, 0, 0, 0);
  expect(estimates.mean).toBeCloseTo(0, 5);
});

test("a claim of more than it is told to count counts as what it is", () => {
  const [doubted, believed] = [estimatesOf(), estimatesOf()];
  for (const estimates of [doubted, believed]) estimates.noteClaim(0, 10, 0, 0);
  doubted.noteClaim(1, 15, 12, 0);
  believed.noteClaim(1, 15, 0, 0);
  expect(doubted.mean).toBe(believed.mean);
});

test("raising makes it at least that, never less, and leaves the mean alone", () => {
  const estimates = withUsualTen(50);
  const { mean } = estimates;
  estimates.raise(1, 20, 0);
  estimates.raise(2, 20, 0);
  expect([estimates.at(1, 0), estimates.at(2, 0), estimates.mean]).toEqual([50, 20, mean]);
  expect(estimates.knows(2)).toBe(true);
});

test("who is forgotten counts as usual", () => {
  const estimates = withUsualTen(50);
  estimates.forget(1);
  expect([estimates.at(1, 0), estimates.knows(1)]).toEqual([estimates.mean, false]);
});

test("who left is forgotten, a newcomer in its slot is usual, and who stays keeps what was learned", () => {
  const tables = new SlotTables();
  const estimates = withUsualTen(50, tables);
  estimates.note(2, 30, 1, 0);
  tables.membership([member(1), members[2] as Member]);
  expect([estimates.knows(1), estimates.at(1, 0), estimates.at(2, 0)]).toEqual([false, estimates.mean, 30]);
});

test("at the very moment, and before it, an estimate is what was noted, even if it grows old at once", () => {
  const estimates = estimatesOf(0, 0);
  estimates.note(0, 10, 1, 500);
  estimates.note(1, 2, 1, 500);
  expect([estimates.at(1, 500), estimates.at(1, 0)]).toEqual([2, 2]);
  expect(estimates.at(1, 501)).toBe(estimates.mean);
  const slow = withUsualTen(2);
  slow.note(1, 2, 1, 1e6);
  expect(slow.at(1, 0)).toBe(2);
});

test("whatever is noted, and whenever, no estimate is beyond the values", () => {
  const value = fc.oneof(fc.nat(1_000), fc.double({ min: 0, max: 1e6, noNaN: true }));
  const step = fc.record({
    slot: fc.nat(MEMBERS - 1),
    value,
    gain: fc.constantFrom(1, 0.3, 0.1),
    claimed: fc.boolean(),
    nowMs: fc.nat(5_000),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.constantFrom(0, 1, 100), (steps, goodNewsMs) => {
      const estimates = estimatesOf(goodNewsMs, 10 * goodNewsMs);
      let [least, most] = [Infinity, -Infinity];
      for (const { slot, value, gain, claimed, nowMs } of steps) {
        if (claimed) estimates.noteClaim(slot, value, 0, nowMs);
        else estimates.note(slot, value, gain, nowMs);
        least = Math.min(least, value);
        most = Math.max(most, value);
        const all = members.map((each) => estimates.at(each.slot, nowMs));
        expect(Math.min(...all)).toBeGreaterThanOrEqual(least * (1 - 1e-9));
        expect(Math.max(...all)).toBeLessThanOrEqual(most * (1 + 1e-9));
      }
    }),
  );
});
