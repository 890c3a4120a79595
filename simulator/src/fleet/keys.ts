import type { RandomSource } from "meshless/balancer";

/** Keys for consistent hashing: the k-th of them is drawn with a chance in proportion to 1 / k^zipf. */
export class Keys {
  readonly #names: readonly string[];
  /** Share of the draws that fall on a key or one before it. */
  readonly #upTo: Float64Array;

  constructor({ count, zipf = 0 }: { readonly count: number; readonly zipf?: number }) {
    this.#names = Array.from({ length: count }, (_, i) => `key-${i}`);
    this.#upTo = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i += 1) {
      sum += (i + 1) ** -zipf;
      this.#upTo[i] = sum;
    }
  }

  draw(random: RandomSource): string {
    const wanted = random() * (this.#upTo[this.#upTo.length - 1] as number);
    let low = 0;
    let high = this.#upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#upTo[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return this.#names[low] as string;
  }
}
