import fc from "fast-check";
import { expect, test } from "vitest";
import { IndexedSet } from "./indexed-set.ts";

test("holds what a Set holds, each item at one place, after any changes", () => {
  const change = fc.tuple(fc.boolean(), fc.nat(9));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const indexed = new IndexedSet<number>();
      const plain = new Set<number>();
      for (const [add, item] of changes) {
        if (add) [indexed, plain].forEach((set) => set.add(item));
        else [indexed, plain].forEach((set) => set.delete(item));
        const items = Array.from({ length: indexed.size }, (_, place) => indexed.at(place));
        expect(items.sort()).toEqual([...plain].sort());
        expect(indexed.has(item)).toBe(plain.has(item));
      }
      expect(indexed.at(indexed.size)).toBeUndefined();
    }),
    { seed: 7 },
  );
});
