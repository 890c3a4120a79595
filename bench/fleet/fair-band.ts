import type { RandomSource } from "meshless";
import { quantileOf } from "../statistics.ts";
import { type Shares, sharesOf } from "./shares.ts";

const FLEETS = 20_000;
const BEYOND = 0.001;
/** From so many calls a server on, its number is normal enough. */
const MANY_CALLS = 25;

/**
 * What chance alone does to fair draws: of 1,000 fleets whose every call draws its server by weight, one has a busiest server above `maxOverMean`,
 * and one has a least busy server below `minOverMean`.
 */
export function fairBand(calls: number, weights: readonly number[], random: RandomSource): Shares {
  const total = weights.reduce((left, right) => left + right, 0);
  const chances = weights.map((weight) => weight / total);
  const draw = calls * Math.min(...chances) < MANY_CALLS ? drawEach : drawNormal;
  const fleets = Array.from({ length: FLEETS }, () => sharesOf(draw(calls, chances, random), weights));
  return {
    maxOverMean: quantileOf(
      fleets.map(({ maxOverMean }) => maxOverMean),
      1 - BEYOND,
    ),
    minOverMean: quantileOf(
      fleets.map(({ minOverMean }) => minOverMean),
      BEYOND,
    ),
  };
}

function drawEach(calls: number, chances: readonly number[], random: RandomSource): number[] {
  const counts = chances.map(() => 0);
  for (let call = 0; call < calls; call++) {
    let rest = random();
    const index = chances.findIndex((chance) => {
      rest -= chance;
      return rest < 0;
    });
    // Rounding may leave the last crumb to nobody.
    const drawn = index < 0 ? chances.length - 1 : index;
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  return counts;
}

/** Normal numbers with the variances and covariances of a multinomial draw. */
function drawNormal(calls: number, chances: readonly number[], random: RandomSource): number[] {
  const noise = chances.map((chance) => Math.sqrt(calls * chance) * gauss(random));
  const surplus = noise.reduce((left, right) => left + right, 0);
  return chances.map((chance, index) => Math.max(0, calls * chance + (noise[index] as number) - chance * surplus));
}

function gauss(random: RandomSource): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
