import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import { KeyedHeap, type Placed } from "./keyed-heap.ts";

interface Item extends Placed {
  readonly name: number;
}

const item = (name: number): Item => ({ name, place: -1 });

test("items come out by key, and those of the same key in the order in which they were put", () => {
  const heap = new KeyedHeap<Item>();
  [3, 1, 2, 1, 3, 1].forEach((key, name) => heap.put(item(name), key));
  const names = [];
  while (heap.size > 0) names.push(heap.pop()?.name);
  expect(names).toEqual([1, 3, 5, 2, 0, 4]);
  expect(heap.pop()).toBeUndefined();
  expect(heap.minKey).toBe(Infinity);
});

test("an item that is put again moves, and counts as put now", () => {
  const heap = new KeyedHeap<Item>();
  const [first, second] = [item(1), item(2)];
  heap.put(first, 5);
  heap.put(second, 5);
  heap.put(first, 5);
  expect(heap.size).toBe(2);
  expect(heap.pop()).toBe(second);
  expect(heap.pop()).toBe(first);
});

test("it agrees with a sorted list through any sequence of puts, moves, removals and pops", () => {
  const random = seededRandom(1);
  const heap = new KeyedHeap<Item>();
  const items = Array.from({ length: 200 }, (_, name) => item(name));
  let model: { key: number; order: number; item: Item }[] = [];
  for (let order = 0; order < 20_000; order += 1) {
    const chosen = items[Math.floor(random() * items.length)] as Item;
    const what = random();
    if (what < 0.6) {
      const key = Math.floor(random() * 5);
      heap.put(chosen, key);
      model = [...model.filter((entry) => entry.item !== chosen), { key, order, item: chosen }];
    } else if (what < 0.8) {
      heap.remove(chosen);
      model = model.filter((entry) => entry.item !== chosen);
    } else {
      const first = [...model].sort((a, b) => a.key - b.key || a.order - b.order)[0];
      expect(heap.minKey).toBe(first?.key ?? Infinity);
      expect(heap.pop()).toBe(first?.item);
      model = model.filter((entry) => entry !== first);
    }
    expect(heap.size).toBe(model.length);
  }
  expect(new Set(heap.items())).toEqual(new Set(model.map((entry) => entry.item)));
});
