/** A set with places: add, delete and "the one at place i" are all O(1). Deleting moves the last item into the gap. */
export class IndexedSet<T> {
  readonly items: T[] = [];
  readonly #places = new Map<T, number>();

  get size(): number {
    return this.items.length;
  }

  at(place: number): T | undefined {
    return this.items[place];
  }

  has(item: T): boolean {
    return this.#places.has(item);
  }

  add(item: T): void {
    if (this.#places.has(item)) return;
    this.#places.set(item, this.items.length);
    this.items.push(item);
  }

  delete(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.items.pop() as T;
    if (last === item) return;
    this.items[place] = last;
    this.#places.set(last, place);
  }
}
