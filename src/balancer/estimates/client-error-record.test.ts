import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import type { Member } from "../member.ts";
import { ClientErrorRecord } from "./client-error-record.ts";

const SECOND_MS = 1_000;

/** Members and their answers; the balancer counts client errors in a row. */
class Fleet {
  readonly record = new ClientErrorRecord();
  readonly members: { readonly slot: number; consecutiveClientErrors: number }[];

  constructor(size: number) {
    this.members = Array.from({ length: size }, (_, slot) => ({ slot, consecutiveClientErrors: 0 }));
    this.record.membership(this.members as unknown as readonly Member[]);
  }

  answer(slot: number, isClientError: boolean, nowMs = 0): void {
    const member = this.members[slot] as Fleet["members"][number];
    member.consecutiveClientErrors = isClientError ? member.consecutiveClientErrors + 1 : 0;
    this.record.add(slot, isClientError, nowMs);
  }

  answers(slot: number, good: number, bad: number, nowMs = 0): void {
    for (let call = 0; call < bad; call += 1) this.answer(slot, true, nowMs);
    for (let call = 0; call < good; call += 1) this.answer(slot, false, nowMs);
  }

  success(slot: number, nowMs = 0): number {
    return this.record.success(this.members[slot] as unknown as Member, nowMs);
  }
}

/** Each of ten gave so many answers. */
function tenWith(good: number, bad: number): Fleet {
  const fleet = new Fleet(10);
  for (const { slot } of fleet.members) fleet.answers(slot, good, bad);
  return fleet;
}

test("nothing speaks against anybody without answers, nor while none is a client error", () => {
  expect(new Fleet(10).success(3)).toBe(1);
  expect(tenWith(20, 0).success(3)).toBe(1);
});

test("a single one among many good answers of the others says nothing, two of two do", () => {
  const fleet = new Fleet(10);
  for (const slot of [0, 1, 2, 4, 5]) fleet.answers(slot, 20, 0);
  fleet.answer(3, true);
  expect(fleet.success(3)).toBe(1);
  fleet.answer(3, true);
  expect(fleet.success(3)).toBeLessThan(0.4);
  expect(fleet.success(0)).toBe(1);
});

test("while nothing is known of the others, nobody is blamed", () => {
  const fleet = new Fleet(10);
  fleet.answers(3, 0, 100);
  expect(fleet.success(3)).toBe(1);
});

test("who is no different from the others is not blamed, however many there are of them", () => {
  for (const [good, bad] of [
    [90, 10],
    [50, 50],
    [10, 90],
    [0, 100],
  ] as const) {
    for (const { slot } of tenWith(good, bad).members) expect(tenWith(good, bad).success(slot)).toBe(1);
  }
});

test("who gives them more often than others stands out by as much", () => {
  const fleet = tenWith(50, 0);
  fleet.answers(3, 50, 50);
  expect(fleet.success(3)).toBeCloseTo(2 / 3, 1);
});

test.each([0.01, 0.1, 0.5])(
  "where the share %f of all answers are client errors, by chance, next to nobody stands out at any time",
  (share) => {
    for (const gapMs of [1, 100]) {
      const fleet = new Fleet(20);
      const chance = seededRandom(3);
      let standing = 0;
      for (let call = 0; call < 30_000; call += 1) {
        fleet.answer(Math.floor(chance() * 20), chance() < share, call * gapMs);
        if (call % 30 !== 0) continue;
        for (const { slot } of fleet.members) standing += fleet.success(slot, call * gapMs) < 1 ? 1 : 0;
      }
      expect(standing / 20_000).toBeLessThan(0.002);
    }
  },
);

test("a run that chance does not explain is remembered, for twice as long with each one more, up to five minutes", () => {
  const remembered = [3, 4, 5, 20].map((run) => {
    const fleet = tenWith(100, 0);
    fleet.answers(3, 0, run);
    let seconds = 0;
    for (; fleet.success(3, seconds * SECOND_MS) < 1; seconds += 1) fleet.answers(0, 500, 0, seconds * SECOND_MS);
    return seconds - 1;
  });
  expect(remembered).toEqual([40, 80, 160, 300]);
});

test("client errors are usual once most members give them for the most part, however many calls the others get", () => {
  const fleet = new Fleet(4);
  for (const slot of [0, 1]) fleet.answers(slot, 2, 0);
  for (const slot of [2, 3]) fleet.answers(slot, 0, 100);
  expect(fleet.record.areUsual(0)).toBe(false);
  fleet.answers(1, 0, 10);
  expect(fleet.record.areUsual(0)).toBe(true);
});
