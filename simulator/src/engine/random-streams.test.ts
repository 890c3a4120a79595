import { expect, test } from "vitest";
import { chanceOf, RandomStreams } from "./random-streams.ts";

const draw = (random: () => number, count: number) => Array.from({ length: count }, random);

test("a path names the same stream however it is reached, from its beginning", () => {
  const streams = new RandomStreams(7);
  const expected = draw(streams.of("client", 17, "arrivals"), 5);
  expect(draw(streams.below("client", 17).of("arrivals"), 5)).toEqual(expected);
  expect(draw(new RandomStreams(7).of("client", 17, "arrivals"), 5)).toEqual(expected);
});

test("other seeds and other paths are other streams, even where the texts run together", () => {
  const paths = [["a", "b"], ["ab"], ["a/b"], ["b", "a"], ["1"], [1], [11], [1, 1], []];
  const firsts = [1, 2, -1].flatMap((seed) => paths.map((path) => new RandomStreams(seed).of(...path)()));
  expect(new Set(firsts).size).toBe(firsts.length);
});

test("the first numbers of neighbouring streams are spread evenly and uncorrelated", () => {
  const streams = new RandomStreams(1);
  const firsts = Array.from({ length: 10_000 }, (_, i) => streams.of("client", i)());
  expect(chiSquare(firsts)).toBeLessThan(150);
  expect(Math.abs(correlation(firsts.slice(1), firsts.slice(0, -1)))).toBeLessThan(0.03);
});

test("chance that belongs to a thing is the same in any order, and spread evenly over things and questions", () => {
  expect(chanceOf(42, 3)).toBe(chanceOf(42, 3));
  expect(chiSquare(Array.from({ length: 10_000 }, (_, seed) => chanceOf(seed, 0)))).toBeLessThan(150);
  expect(chiSquare(Array.from({ length: 10_000 }, (_, question) => chanceOf(5, question)))).toBeLessThan(150);
  const answers = Array.from({ length: 10_000 }, (_, seed) => [chanceOf(seed, 0), chanceOf(seed, 1)] as const);
  const apart = correlation(
    answers.map(([there]) => there),
    answers.map(([, back]) => back),
  );
  expect(Math.abs(apart)).toBeLessThan(0.03);
});

/** Over 100 bins: 99 on average, and above 150 once in 1400 times. */
function chiSquare(values: readonly number[]): number {
  const bins = new Array<number>(100).fill(0);
  for (const value of values) bins[Math.floor(value * 100)] = (bins[Math.floor(value * 100)] as number) + 1;
  const expected = values.length / 100;
  return bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function correlation(xs: readonly number[], ys: readonly number[]): number {
  return (12 * xs.reduce((sum, x, i) => sum + (x - 0.5) * ((ys[i] as number) - 0.5), 0)) / xs.length;
}
