import { expect, test } from "vitest";
import { LatencyCounts } from "./latency-counts.ts";

test("a quantile is off by 5 % at most, from 50 µs to 100 s", () => {
  for (let ms = 0.05; ms < 100_000; ms *= 1.017) {
    const counts = new LatencyCounts();
    counts.add(ms);
    expect(Math.abs((counts.at(0.5) ?? 0) / ms - 1)).toBeLessThan(0.05);
  }
});

test("what is shorter or longer counts as the shortest or the longest", () => {
  for (const ms of [0, -1, Number.NaN, 1e-9, 1e9, Number.POSITIVE_INFINITY]) {
    const counts = new LatencyCounts();
    counts.add(ms);
    expect(counts.at(1)).toBeGreaterThan(0);
    expect(counts.at(1)).toBeLessThan(200_000);
  }
});

test("counts add up", () => {
  const [one, other] = [new LatencyCounts(), new LatencyCounts()];
  for (let ms = 1; ms <= 100; ms++) (ms % 2 === 0 ? one : other).add(ms);
  one.addAll(other);
  expect(Math.abs((one.at(0.99) ?? 0) / 99 - 1)).toBeLessThan(0.05);
  expect(Math.abs((one.at(0.5) ?? 0) / 50 - 1)).toBeLessThan(0.05);
  one.clear();
  expect(one.at(0.5)).toBeUndefined();
});
