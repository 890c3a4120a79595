import { callable } from "./check-options.ts";

/** Source of chance: a number in [0, 1). Passed in everywhere, so that tests and the simulator are repeatable. */
export type RandomSource = () => number;

export const checkRandom = callable<RandomSource>("a function that returns a number from 0 on and below 1");

/** A whole number in [0, bound). `bound` must be at least 1. */
export function randomIndex(random: RandomSource, bound: number): number {
  return Math.floor(random() * bound);
}
