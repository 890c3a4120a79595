import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import type { Member } from "../member.ts";
import { clientErrors, FailureRecord, failures } from "./failure-record.ts";
import { SlotTables } from "./slot-table.ts";

const SECOND_MS = 1_000;

/** Members and their calls; the balancer counts bad answers in a row. */
class Fleet {
  readonly #tables = new SlotTables();
  readonly record: FailureRecord;
  members: { readonly slot: number; run: number }[];

  constructor(size: number, kind = failures) {
    this.record = new FailureRecord(this.#tables, kind);
    this.members = Array.from({ length: size }, (_, slot) => ({ slot, run: 0 }));
    this.#tellMembership();
  }

  /** All others leave, and newcomers take over some slots. */
  keep(kept: readonly number[], newcomers: readonly number[] = []): void {
    this.members = this.members.filter(({ slot }) => kept.includes(slot));
    for (const slot of newcomers) this.members.push({ slot, run: 0 });
    this.#tellMembership();
  }

  call(slot: number, succeeds: boolean, nowMs = 0): void {
    const member = this.#at(slot);
    member.run = succeeds ? 0 : member.run + 1;
    this.record.add(slot, !succeeds, nowMs);
  }

  calls(slot: number, good: number, bad: number, nowMs = 0): void {
    for (let call = 0; call < bad; call += 1) this.call(slot, false, nowMs);
    for (let call = 0; call < good; call += 1) this.call(slot, true, nowMs);
  }

  success(slot: number, nowMs = 0): number {
    return this.record.success(slot, this.#at(slot).run, nowMs);
  }

  #tellMembership(): void {
    this.#tables.membership(this.members as unknown as readonly Member[]);
  }

  #at(slot: number) {
    const found = this.members.find((member) => member.slot === slot);
    if (found === undefined) throw new Error(`nobody in slot ${slot}`);
    return found;
  }
}

/** Each of ten had so many calls. */
function tenWith(good: number, bad: number, kind = failures): Fleet {
  const fleet = new Fleet(10, kind);
  for (const { slot } of fleet.members) fleet.calls(slot, good, bad);
  return fleet;
}

test("nothing speaks against anybody without calls, nor while all succeed", () => {
  expect(new Fleet(10).success(3)).toBe(1);
  expect(tenWith(20, 0).success(3)).toBe(1);
});

test("one failure where all others succeed is remembered for ten seconds, and then forgotten", () => {
  const fleet = tenWith(20, 0);
  fleet.call(3, false);
  expect(fleet.success(3)).toBeLessThanOrEqual(1 / 2);
  expect(fleet.success(3, 9.9 * SECOND_MS)).toBeLessThanOrEqual(1 / 2);
  for (const slot of [0, 1, 2]) fleet.calls(slot, 20, 0, 10.1 * SECOND_MS);
  expect(fleet.success(3, 10.1 * SECOND_MS)).toBe(1);
  expect(fleet.success(2)).toBe(1);
});

test("one success ends it, as far as the share of successes allows", () => {
  const fleet = tenWith(200, 0);
  fleet.call(3, false);
  fleet.call(3, true);
  expect(fleet.success(3)).toBeGreaterThan(0.98);
});

test("each further failure in a row counts for more, and is remembered for twice as long, up to five minutes", () => {
  const remembered = [1, 2, 3, 4, 5, 20, 2_000].map((failures) => {
    const fleet = tenWith(20, 0);
    fleet.calls(3, 0, failures);
    expect(fleet.success(3)).toBeLessThanOrEqual(1 / (failures + 1));
    let seconds = 0;
    while (fleet.success(3, seconds * SECOND_MS) < 1) seconds += 1;
    return seconds - 1;
  });
  expect(remembered).toEqual([10, 20, 40, 80, 160, 300, 300]);
});

test("who fails more often than others, and than chance explains, stands out by as much", () => {
  const fleet = tenWith(50, 0);
  fleet.calls(3, 50, 50);
  expect(fleet.success(3)).toBeCloseTo(2 / 3, 1);
  expect(fleet.success(2)).toBe(1);
});

test("where a fifth of all calls fail, some failures in a row are nothing; ten are", () => {
  const fleet = tenWith(80, 20);
  for (let run = 1; run < 6; run += 1) {
    fleet.call(3, false);
    expect(fleet.success(3)).toBe(1);
  }
  fleet.calls(4, 0, 10);
  expect(fleet.success(4)).toBeLessThan(0.2);
});

test("where a fifth of all calls fail, by chance, next to nobody stands out at any time", () => {
  const fleet = new Fleet(10);
  const chance = seededRandom(3);
  let [standing, suspected] = [0, 0];
  for (let nowMs = 0; nowMs < 60 * SECOND_MS; nowMs += 10) {
    fleet.call(Math.floor(chance() * 10), chance() > 0.2, nowMs);
    if (nowMs < 10 * SECOND_MS || nowMs % 500 !== 0) continue;
    for (const { slot } of fleet.members) {
      standing += fleet.success(slot, nowMs) < 1 ? 1 : 0;
      suspected += fleet.success(slot, nowMs) < 0.5 ? 1 : 0;
    }
  }
  expect(standing / 1_000).toBeLessThan(0.06);
  expect(suspected).toBe(0);
});

test("where all calls fail, nobody stands out", () => {
  const fleet = tenWith(0, 20);
  for (const { slot } of fleet.members) expect(fleet.success(slot)).toBe(1);
});

test("it is above 0 after any number of failures", () => {
  const fleet = tenWith(20, 0);
  fleet.calls(3, 0, 5_000);
  expect(fleet.success(3)).toBeGreaterThan(0);
});

test("a newcomer in the slot of one that failed has a clean record, and who stays keeps its own", () => {
  const fleet = tenWith(20, 0);
  for (const slot of [3, 4]) fleet.calls(slot, 0, 30);
  const before = fleet.success(4);
  fleet.keep([0, 1, 2, 4, 5, 6, 7, 8, 9], [3]);
  expect([fleet.success(3), fleet.success(4)]).toEqual([1, before]);
});

test("what those did who left is no measure for those who stay", () => {
  const fleet = tenWith(20, 0);
  for (const slot of [4, 5, 6, 7, 8, 9]) fleet.calls(slot, 0, 200);
  fleet.keep([0, 1, 2, 3]);
  fleet.call(3, false);
  expect(fleet.success(3)).toBeLessThanOrEqual(1 / 2);
});

test("a single client error among many good answers of the others says nothing, two of two do", () => {
  const fleet = new Fleet(10, clientErrors);
  for (const slot of [0, 1, 2, 4, 5]) fleet.calls(slot, 20, 0);
  fleet.call(3, false);
  expect(fleet.success(3)).toBe(1);
  fleet.call(3, false);
  expect(fleet.success(3)).toBeLessThan(0.4);
  expect(fleet.success(0)).toBe(1);
});

test("while nothing is known of the others, nobody is blamed for client errors", () => {
  const fleet = new Fleet(10, clientErrors);
  fleet.calls(3, 0, 100);
  expect(fleet.success(3)).toBe(1);
});

test("who gives client errors more often than others stands out by as much, and not for as many", () => {
  const fleet = tenWith(50, 0, clientErrors);
  fleet.calls(3, 50, 50);
  expect(fleet.success(3)).toBeCloseTo(2 / 3, 1);
  for (const [good, bad] of [
    [90, 10],
    [50, 50],
    [10, 90],
    [0, 100],
  ] as const) {
    for (const { slot } of fleet.members) expect(tenWith(good, bad, clientErrors).success(slot)).toBe(1);
  }
});

test.each([0.01, 0.1, 0.5])(
  "where the share %f of all answers are client errors, by chance, next to nobody stands out at any time",
  (share) => {
    for (const gapMs of [1, 100]) {
      const fleet = new Fleet(20, clientErrors);
      const chance = seededRandom(3);
      let standing = 0;
      for (let call = 0; call < 30_000; call += 1) {
        fleet.call(Math.floor(chance() * 20), chance() >= share, call * gapMs);
        if (call % 30 !== 0) continue;
        for (const { slot } of fleet.members) standing += fleet.success(slot, call * gapMs) < 1 ? 1 : 0;
      }
      expect(standing / 20_000).toBeLessThan(0.002);
    }
  },
);

test("client errors are usual once most members give them for the most part, however many calls the others get", () => {
  const fleet = new Fleet(4, clientErrors);
  for (const slot of [0, 1]) fleet.calls(slot, 2, 0);
  for (const slot of [2, 3]) fleet.calls(slot, 0, 100);
  expect(fleet.record.isUsual(0)).toBe(false);
  fleet.calls(1, 0, 10);
  expect(fleet.record.isUsual(0)).toBe(true);
});
