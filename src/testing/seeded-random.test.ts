import { expect, test } from "vitest";
import { randomIndex } from "../random-source.ts";
import { seededRandom } from "./seeded-random.ts";

function draw(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
}

test("the same seed gives the same numbers, another seed others", () => {
  expect(draw(7, 100)).toEqual(draw(7, 100));
  expect(draw(8, 100).filter((value, place) => value === draw(7, 100)[place])).toEqual([]);
});

test("every number is in [0, 1)", () => {
  const values = draw(7, 100_000);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
});

test("100 buckets of 100,000 numbers are even: chi-square below its 99.9 % quantile, for each of 20 neighbouring seeds", () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const random = seededRandom(seed);
    const counts = new Uint32Array(100);
    for (let i = 0; i < 100_000; i += 1) {
      const bucket = randomIndex(random, 100);
      counts[bucket] = (counts[bucket] as number) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
    expect(chiSquare).toBeLessThan(148.2);
  }
});

test("a number says nothing of the next one, nor a seed of its neighbour", () => {
  const correlation = (xs: readonly number[], ys: readonly number[]) =>
    xs.reduce((sum, x, place) => sum + (x - 0.5) * ((ys[place] as number) - 0.5), 0) / xs.length / (1 / 12);
  const values = draw(7, 100_001);
  expect(Math.abs(correlation(values.slice(0, -1), values.slice(1)))).toBeLessThan(0.013);
  expect(Math.abs(correlation(draw(7, 100_000), draw(8, 100_000)))).toBeLessThan(0.013);
  const firsts = Array.from({ length: 10_000 }, (_, seed) => draw(seed, 1)[0] as number);
  expect(Math.abs(correlation(firsts.slice(0, -1), firsts.slice(1)))).toBeLessThan(0.041);
});
