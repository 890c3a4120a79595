/** A link of the list; whoever is in it keeps its neighbours. */
export interface Link {
  readonly startedAtMs: number;
  older: Link | undefined;
  newer: Link | undefined;
}

/** Calls that wait for an answer, the oldest first. A linked list, because any of them may leave at any time, at no cost. */
export class Unanswered {
  #oldest: Link | undefined;
  #newest: Link | undefined;

  /** When the oldest of them began; `Infinity` if there is none. */
  get oldestAtMs(): number {
    return this.#oldest === undefined ? Infinity : this.#oldest.startedAtMs;
  }

  /** How many of them began at this time or later. As many steps. */
  countSince(atMs: number): number {
    let count = 0;
    for (let link = this.#newest; link !== undefined && link.startedAtMs >= atMs; link = link.older) count += 1;
    return count;
  }

  add(link: Link): void {
    link.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = link;
    else this.#newest.newer = link;
    this.#newest = link;
  }

  delete(link: Link): void {
    if (link.older === undefined) this.#oldest = link.newer;
    else link.older.newer = link.newer;
    if (link.newer === undefined) this.#newest = link.older;
    else link.newer.older = link.older;
    link.older = undefined;
    link.newer = undefined;
  }
}
