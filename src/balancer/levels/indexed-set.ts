/**
 * A set with places, of items that have a slot of their own: add, delete, has and "the one at place i" are all O(1), and hash nothing. Deleting moves
 * the last item into the gap.
 *
 * @see Briggs, Torczon, "An efficient representation for sparse sets", ACM LOPLAS 1993
 */
export class IndexedSet<T extends { readonly slot: number }> {
  readonly items: T[] = [];
  /** By slot. What stands at a place says whether it is still true. */
  readonly #places: number[] = [];

  get size(): number {
    return this.items.length;
  }

  at(place: number): T | undefined {
    return this.items[place];
  }

  has(item: T): boolean {
    const place = this.#places[item.slot];
    return place !== undefined && this.items[place] === item;
  }

  add(item: T): void {
    if (this.has(item)) return;
    this.#places[item.slot] = this.items.length;
    this.items.push(item);
  }

  delete(item: T): void {
    if (!this.has(item)) return;
    const place = this.#places[item.slot] as number;
    const last = this.items.pop() as T;
    if (last === item) return;
    this.items[place] = last;
    this.#places[last.slot] = place;
  }
}
