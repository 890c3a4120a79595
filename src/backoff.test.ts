import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";
import { seededRandom } from "./testing/seeded-random.ts";

const doubling = { baseMs: 1_000, maxMs: 60_000, multiplier: 2, jitter: 0 };

test("starts at the base and doubles up to the maximum", () => {
  const delays = [1, 2, 3, 6, 7, 8, 1_000].map((failures) => backoffMs(failures, doubling, () => 0.5));
  expect(delays).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
});

test("a multiplier of 1 keeps the delay", () => {
  expect(backoffMs(9, { ...doubling, multiplier: 1 }, () => 0.5)).toBe(1_000);
});

test("jitter spreads the delay evenly over plus and minus its share, around the same mean", () => {
  const random = seededRandom(7);
  const delays = Array.from({ length: 10_000 }, () => backoffMs(2, { ...doubling, jitter: 0.5 }, random));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(1_000);
  expect(Math.min(...delays)).toBeLessThan(1_010);
  expect(Math.max(...delays)).toBeLessThan(3_000);
  expect(Math.max(...delays)).toBeGreaterThan(2_990);
  expect(delays.reduce((sum, delay) => sum + delay) / delays.length / 2_000).toBeCloseTo(1, 1);
});
