import type { RandomSource } from "meshless/balancer";

/**
 * Chance that splits: each name, or path of names, has a stream of its own, which depends on the seed and its path alone. So whatever one
 * part of a simulation draws changes nothing for the others, and two contenders meet the same arrivals, work and faults.
 */
export class RandomStreams {
  readonly #key: readonly [number, number, number];

  constructor(seed: number | readonly [number, number, number]) {
    this.#key = typeof seed === "number" ? [seed | 0, 0x243f6a88, 0x85a308d3] : seed;
  }

  /** The stream at a path, from its beginning. */
  of(...path: readonly (string | number)[]): RandomSource {
    return sfc32(this.below(...path).#key);
  }

  /** All streams whose paths begin like this. */
  below(...path: readonly (string | number)[]): RandomStreams {
    let [a, b, c] = this.#key;
    for (const name of path) {
      const text = `${typeof name}:${name}/`;
      for (let i = 0; i < text.length; i += 1) {
        const code = text.charCodeAt(i);
        a = scramble(a ^ code);
        b = scramble((b + Math.imul(code, 0x9e3779b1)) ^ a);
        c = scramble((c ^ Math.imul(code, 0x85ebca77)) + b);
      }
    }
    return new RandomStreams([a, b, c]);
  }
}

/** A number in [0, 1) that depends on its two arguments alone: chance that belongs to a thing, however often and in whatever order it is asked. */
export function chanceOf(seed: number, question: number): number {
  return (scramble(scramble(seed) + Math.imul(question + 1, 0x9e3779b1)) >>> 0) / 2 ** 32;
}

/** Numbers in [0, 1) that depend on a chance alone: for what takes more than one. */
export function chanceSource(chance: number): RandomSource {
  const seed = chance * 2 ** 32;
  let question = 0;
  return () => chanceOf(seed, question++);
}

/** A bijection of 32 bits in which each bit of the argument changes half of the result's (constants by Chris Wellons, "lowbias32"). */
function scramble(bits: number): number {
  let x = bits;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/** @see sfc32 by Chris Doty-Humphrey, https://pracrand.sourceforge.net */
function sfc32(key: readonly [number, number, number]): RandomSource {
  let [a, b, c] = key;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}
