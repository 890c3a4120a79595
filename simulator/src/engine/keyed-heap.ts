/** Something that stands in a {@link KeyedHeap}, in one at a time. */
export interface Placed {
  /** Where it stands; -1 outside. Written by the heap alone. */
  place: number;
}

const ARITY = 4;

/**
 * A queue by smallest key; of equal keys, the one put first. Items know their place, so that moving or removing one is O(log n) as well.
 * Keys are numbers in typed arrays, four children to a parent: a simulation spends much of its time here.
 */
export class KeyedHeap<T extends Placed> {
  readonly #items: T[] = [];
  #keys = new Float64Array(64);
  /** Breaks ties. */
  #orders = new Float64Array(64);
  #nextOrder = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The smallest key; `Infinity` when empty. */
  get minKey(): number {
    return this.#size === 0 ? Infinity : (this.#keys[0] as number);
  }

  /** Adds the item, or gives it another key. */
  put(item: T, key: number): void {
    const order = this.#nextOrder++;
    if (item.place >= 0) {
      this.#settle(item, key, order, item.place);
      return;
    }
    if (this.#size === this.#keys.length) this.#grow();
    this.#size += 1;
    this.#rise(item, key, order, this.#size - 1);
  }

  /** Removes the item with the smallest key. */
  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Does nothing if the item is not in. */
  remove(item: T): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    this.#size -= 1;
    const last = this.#items.pop() as T;
    if (place < this.#size) this.#settle(last, this.#keys[this.#size] as number, this.#orders[this.#size] as number, place);
  }

  /** All items, in no particular order. */
  items(): readonly T[] {
    return this.#items;
  }

  #settle(item: T, key: number, order: number, place: number): void {
    if (this.#rise(item, key, order, place) === place) this.#sink(item, key, order, place);
  }

  /** Moves the hole at `place` up to where the item belongs. */
  #rise(item: T, key: number, order: number, place: number): number {
    const keys = this.#keys;
    const orders = this.#orders;
    let hole = place;
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      const parentKey = keys[parent] as number;
      if (parentKey < key || (parentKey === key && (orders[parent] as number) < order)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#fill(hole, item, key, order);
    return hole;
  }

  #sink(item: T, key: number, order: number, place: number): void {
    const keys = this.#keys;
    const orders = this.#orders;
    let hole = place;
    for (let child = hole * ARITY + 1; child < this.#size; child = hole * ARITY + 1) {
      const end = Math.min(child + ARITY, this.#size);
      let least = child;
      let leastKey = keys[child] as number;
      for (let other = child + 1; other < end; other += 1) {
        const otherKey = keys[other] as number;
        if (otherKey < leastKey || (otherKey === leastKey && (orders[other] as number) < (orders[least] as number))) {
          least = other;
          leastKey = otherKey;
        }
      }
      if (key < leastKey || (key === leastKey && order < (orders[least] as number))) break;
      this.#move(least, hole);
      hole = least;
    }
    this.#fill(hole, item, key, order);
  }

  #move(from: number, to: number): void {
    const item = this.#items[from] as T;
    this.#items[to] = item;
    this.#keys[to] = this.#keys[from] as number;
    this.#orders[to] = this.#orders[from] as number;
    item.place = to;
  }

  #fill(place: number, item: T, key: number, order: number): void {
    this.#items[place] = item;
    this.#keys[place] = key;
    this.#orders[place] = order;
    item.place = place;
  }

  #grow(): void {
    this.#keys = grown(this.#keys);
    this.#orders = grown(this.#orders);
  }
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
