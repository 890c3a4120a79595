import type { RandomSource } from "../random-source.ts";

/**
 * Chance that repeats: the same seed gives the same numbers on every machine.
 *
 * @param seed any whole number; its lower 32 bits count
 * @see sfc32 by Chris Doty-Humphrey, https://pracrand.sourceforge.net
 */
export function seededRandom(seed: number): RandomSource {
  let a = 0;
  let b = seed | 0;
  let c = 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // Neighbouring seeds start alike; the generator's author mixes for 12 rounds.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}
