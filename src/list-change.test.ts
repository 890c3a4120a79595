import fc from "fast-check";
import { expect, test } from "vitest";
import { listChange, noteChange } from "./list-change.ts";

const items = Array.from({ length: 300 }, (_, number) => ({ number }));

/** A list, and what becomes of it: parts of it go, others come, and some change places. */
const history = fc.record({
  before: fc.shuffledSubarray(items),
  cuts: fc.array(fc.record({ at: fc.nat(300), count: fc.oneof(fc.nat(3), fc.nat(150)), isMoved: fc.boolean() }), { maxLength: 6 }),
  newcomers: fc.array(fc.record({ at: fc.nat(300), count: fc.oneof(fc.nat(3), fc.nat(150)) }), { maxLength: 4 }),
});

test("tells who came and who is gone, each in the order of its list, wherever that is and whoever moves", () => {
  fc.assert(
    fc.property(history, ({ before, cuts, newcomers }) => {
      let now = [...before];
      for (const { at, count, isMoved } of cuts) {
        const cut = now.splice(at, count);
        if (isMoved) now.push(...cut);
      }
      for (const { at, count } of newcomers) {
        const others = Array.from({ length: count }, (_, index) => ({ number: 1_000 + index }));
        now = now.toSpliced(at, 0, ...others);
      }
      const { came, gone } = listChange(before, now);
      expect(came).toEqual(now.filter((item) => !before.includes(item)));
      expect(gone).toEqual(before.filter((item) => !now.includes(item)));
      for (const item of came) expect(now).toContain(item);
    }),
  );
});

test("what is noted of two lists is told of these two, and of no others", () => {
  const [before, now, later] = [items.slice(0, 2), items.slice(1, 3), items.slice(2, 4)];
  const change = { came: [], gone: [] };
  noteChange(before, now, change);
  expect(listChange(before, now)).toBe(change);
  expect(listChange([...before], now)).toEqual({ came: [items[2]], gone: [items[0]] });
  noteChange(now, later, change);
  expect(listChange(now, later)).toBe(change);
  expect(listChange(before, now)).toEqual({ came: [items[2]], gone: [items[0]] });
});
