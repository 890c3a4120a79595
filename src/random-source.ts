/** Source of chance: a number in [0, 1). Passed in everywhere, so that tests and the simulator are repeatable. */
export type RandomSource = () => number;

/** A whole number in [0, bound). `bound` must be at least 1. */
export function randomIndex(random: RandomSource, bound: number): number {
  return Math.floor(random() * bound);
}
