/** Something that stands in a {@link KeyedHeap}, in one at a time. */
export interface Placed {
  /** Its number in the heap; -1 outside. Written by the heap alone. */
  place: number;
}

const ARITY = 4;

/**
 * A queue by smallest key; of equal keys, the one put first. Items know their number, so that moving or removing one is O(log n) as well.
 *
 * A simulation spends much of its time here. Four children to a parent; and what moves up and down are numbers in typed arrays, for the items
 * themselves lie all over the memory.
 */
export class KeyedHeap<T extends Placed> {
  /** By number. */
  readonly #items: (T | undefined)[] = [];
  /** Numbers that nobody has. */
  readonly #free: number[] = [];
  /** By number: where in the heap it stands. */
  #places = new Int32Array(64);
  /** By place in the heap: the number, the key, and what breaks ties. */
  #numbers = new Int32Array(64);
  #keys = new Float64Array(64);
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
      this.#settle(item.place, key, order, this.#places[item.place] as number);
      return;
    }
    if (this.#size === this.#keys.length) this.#grow();
    item.place = this.#free.pop() ?? this.#size;
    this.#items[item.place] = item;
    this.#size += 1;
    this.#rise(item.place, key, order, this.#size - 1);
  }

  /** Removes the item with the smallest key. */
  pop(): T | undefined {
    if (this.#size === 0) return undefined;
    const first = this.#items[this.#numbers[0] as number] as T;
    this.remove(first);
    return first;
  }

  /** Does nothing if the item is not in. */
  remove(item: T): void {
    const number = item.place;
    if (number < 0) return;
    item.place = -1;
    this.#items[number] = undefined;
    this.#free.push(number);
    this.#size -= 1;
    const hole = this.#places[number] as number;
    const last = this.#size;
    if (hole < last) this.#settle(this.#numbers[last] as number, this.#keys[last] as number, this.#orders[last] as number, hole);
  }

  /** All items, in no particular order. */
  items(): readonly T[] {
    return Array.from(this.#numbers.subarray(0, this.#size), (number) => this.#items[number] as T);
  }

  #settle(number: number, key: number, order: number, place: number): void {
    if (this.#rise(number, key, order, place) === place) this.#sink(number, key, order, place);
  }

  /** Moves the hole at `place` up to where the number belongs. */
  #rise(number: number, key: number, order: number, place: number): number {
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
    this.#fill(hole, number, key, order);
    return hole;
  }

  #sink(number: number, key: number, order: number, place: number): void {
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
    this.#fill(hole, number, key, order);
  }

  #move(from: number, to: number): void {
    this.#fill(to, this.#numbers[from] as number, this.#keys[from] as number, this.#orders[from] as number);
  }

  #fill(place: number, number: number, key: number, order: number): void {
    this.#numbers[place] = number;
    this.#keys[place] = key;
    this.#orders[place] = order;
    this.#places[number] = place;
  }

  #grow(): void {
    const length = 2 * this.#size;
    this.#keys = copied(this.#keys, new Float64Array(length));
    this.#orders = copied(this.#orders, new Float64Array(length));
    this.#numbers = copied(this.#numbers, new Int32Array(length));
    this.#places = copied(this.#places, new Int32Array(length));
  }
}

function copied<T extends Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(from: T, to: T): T {
  to.set(from);
  return to;
}
