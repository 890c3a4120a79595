import { expect, test } from "vitest";
import { randomIndex } from "../../random-source.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { WindowQuantile } from "./window-quantile.ts";

function quantileOf(quantile: number, window: number, values: readonly number[], limit = 1_000): number {
  const measured = new WindowQuantile(quantile, window, limit);
  for (const value of values) measured.add(value);
  return measured.value;
}

/** By sorting. */
function sorted(quantile: number, values: readonly number[]): number {
  const place = Math.ceil(quantile * values.length) - 1;
  return place < 0 ? -1 : (values.toSorted((a, b) => a - b)[place] as number);
}

test("is -1 without values", () => {
  expect(new WindowQuantile(0.84, 10, 100).value).toBe(-1);
});

test("is the least number that this part of the values is not above", () => {
  expect(quantileOf(0.5, 10, [1, 2, 3, 4])).toBe(2);
  expect(quantileOf(0.51, 10, [1, 2, 3, 4])).toBe(3);
  expect(quantileOf(1, 10, [1, 2, 3, 4])).toBe(4);
  expect(quantileOf(0, 10, [1, 2, 3, 4])).toBe(-1);
});

test("only the last values of the window count", () => {
  expect(quantileOf(0.5, 3, [100, 100, 100, 1, 2, 3])).toBe(2);
});

test("large values count as the limit, and of fractions the whole part", () => {
  expect(quantileOf(1, 3, [1e9, 2], 50)).toBe(50);
  expect(quantileOf(1, 3, [2.9])).toBe(2);
});

test("equals the quantile by sorting after every one of 5,000 values, at any quantile", () => {
  const chance = seededRandom(7);
  for (const quantile of [0, 0.1, 0.5, 0.84, 0.99, 1]) {
    const measured = new WindowQuantile(quantile, 37, 1_000);
    const values: number[] = [];
    for (let round = 0; round < 5_000; round += 1) {
      values.push(randomIndex(chance, round % 500 < 250 ? 8 : 900));
      measured.add(values.at(-1) as number);
      expect(measured.value).toBe(sorted(quantile, values.slice(-37)));
    }
  }
});
