/**
 * Deals out turns by weight, in rounds: the heaviest has one in every round, another in as many of them as its weight is a part of
 * the heaviest one. All have one in the first. Each turn is O(log n), whatever the weights are.
 */
export class Turns {
  readonly #weights: readonly number[];
  readonly #heaviest: number;
  /** Turns had, and the round of the next one, by index. */
  readonly #had: Float64Array;
  readonly #dueRound: Float64Array;
  /** A heap of indices: whose turn is next stands first. In the order of their indices, all due in the first round, they are one. */
  readonly #heap: Int32Array;

  /** @param weights each > 0; at least one */
  constructor(weights: readonly number[]) {
    this.#weights = weights;
    this.#heaviest = weights.reduce((most, weight) => Math.max(most, weight), 0);
    this.#had = new Float64Array(weights.length);
    this.#dueRound = new Float64Array(weights.length).fill(1);
    this.#heap = Int32Array.from(weights.keys());
  }

  /** Whose turn it is, by its index in the weights. */
  next(): number {
    const index = this.#heap[0] as number;
    const had = (this.#had[index] as number) + 1;
    this.#had[index] = had;
    const round = this.#dueRound[index] as number;
    this.#dueRound[index] = Math.max(round + 1, Math.ceil((had * this.#heaviest) / (this.#weights[index] as number)));
    this.#sink();
    return index;
  }

  /** Moves the first one down to where it belongs. */
  #sink(): void {
    const heap = this.#heap;
    const moved = heap[0] as number;
    let place = 0;
    while (true) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#precedes(heap[child + 1] as number, heap[child] as number)) child += 1;
      if (!this.#precedes(heap[child] as number, moved)) break;
      heap[place] = heap[child] as number;
      place = child;
    }
    heap[place] = moved;
  }

  #precedes(one: number, other: number): boolean {
    const rounds = (this.#dueRound[one] as number) - (this.#dueRound[other] as number);
    return rounds < 0 || (rounds === 0 && one < other);
  }
}
