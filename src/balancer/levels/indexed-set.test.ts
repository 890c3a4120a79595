import fc from "fast-check";
import { expect, test } from "vitest";
import { IndexedSet } from "./indexed-set.ts";

const all = Array.from({ length: 10 }, (_, slot) => ({ slot }));

test("holds what a Set holds, each item at one place, after any changes", () => {
  const change = fc.tuple(fc.boolean(), fc.constantFrom(...all));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const indexed = new IndexedSet<{ readonly slot: number }>();
      const plain = new Set<{ readonly slot: number }>();
      for (const [add, item] of changes) {
        if (add) [indexed, plain].forEach((set) => set.add(item));
        else [indexed, plain].forEach((set) => set.delete(item));
        const items = Array.from({ length: indexed.size }, (_, place) => indexed.at(place));
        expect(items).toHaveLength(plain.size);
        expect(new Set(items)).toEqual(plain);
        for (const each of all) expect(indexed.has(each)).toBe(plain.has(each));
      }
      expect(indexed.at(indexed.size)).toBeUndefined();
    }),
    { seed: 7 },
  );
});

test("who has the slot of one that is in, or was, is not in", () => {
  const indexed = new IndexedSet<{ readonly slot: number }>();
  const [former, successor] = [{ slot: 3 }, { slot: 3 }];
  indexed.add(former);
  expect(indexed.has(successor)).toBe(false);
  indexed.delete(successor);
  expect(indexed.has(former)).toBe(true);
  indexed.delete(former);
  indexed.add(successor);
  expect([indexed.has(former), indexed.has(successor)]).toEqual([false, true]);
});
