import fc from "fast-check";
import { expect, test } from "vitest";
import type { Member } from "../member.ts";
import { SlotTables } from "./slot-table.ts";

function member(slot: number): Member {
  return { slot } as Member;
}

const [a, b, c] = [member(0), member(1), member(2)];

/** One table between two others, which it must not touch. */
function between(initial?: number) {
  const tables = new SlotTables();
  const [left, table, right] = [tables.add(-7), tables.add(initial), tables.add(7)];
  const areUntouched = (...slots: readonly number[]) => slots.every((slot) => left.get(slot) === -7 && right.get(slot) === 7);
  return { tables, table, areUntouched };
}

test("each member has a number of its own, which begins with the initial one", () => {
  for (const initial of [0, -Infinity, 7]) {
    const { tables, table, areUntouched } = between(initial);
    tables.membership([a, b]);
    table.set(0, 3);
    expect([table.get(0), table.get(1)]).toEqual([3, initial]);
    expect(areUntouched(0, 1)).toBe(true);
  }
});

test("numbers are added to and scaled", () => {
  const { tables, table, areUntouched } = between();
  tables.membership([a, b]);
  table.add(0, 1.5);
  table.add(0, 2);
  table.add(1, 4);
  table.scale(0.5);
  expect([table.get(0), table.get(1)]).toEqual([1.75, 2]);
  expect(areUntouched(0, 1)).toBe(true);
});

test("who stays keeps its number, in whatever order it is told of; a newcomer in a slot that was used starts anew", () => {
  const { tables, table, areUntouched } = between(-1);
  tables.membership([a, b, c]);
  for (const slot of [0, 1, 2]) table.set(slot, 10 + slot);
  tables.membership([c, member(1), a, member(5)]);
  expect([0, 1, 2, 5].map((slot) => table.get(slot))).toEqual([10, -1, 12, -1]);
  expect(areUntouched(0, 1, 2, 5)).toBe(true);
});

test("who left is forgotten, even if it comes back", () => {
  const { tables, table } = between();
  tables.membership([a, b]);
  table.set(0, 3);
  tables.membership([b]);
  tables.membership([]);
  tables.membership([a, b]);
  expect(table.get(0)).toBe(0);
});

test("any history gives what a map by member gives", () => {
  const owners = [a, b, c, member(0), member(1), member(2)];
  const change = fc.record({ present: fc.subarray(owners), place: fc.nat(5), value: fc.integer({ min: -100, max: 100 }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const { tables, table, areUntouched } = between();
      let naive = new Map<Member, number>();
      for (const { present, place, value } of changes) {
        const members = [...new Map(present.map((owner) => [owner.slot, owner])).values()];
        tables.membership(members);
        naive = new Map(members.map((owner) => [owner, naive.get(owner) ?? 0]));
        const written = members[place];
        if (written !== undefined) table.set(written.slot, value);
        if (written !== undefined) naive.set(written, value);
        for (const [{ slot }, expected] of naive) expect(table.get(slot)).toBe(expected);
        expect(areUntouched(...members.map(({ slot }) => slot))).toBe(true);
      }
    }),
  );
});
