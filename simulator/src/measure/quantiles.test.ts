import { expect, test } from "vitest";
import { cumulativeShares, latencyQuantiles, quantile } from "./quantiles.ts";

const oneToThousand = Float64Array.from({ length: 1_000 }, (_, i) => i + 1);

test("a quantile is the smallest value that this share does not exceed", () => {
  expect([0, 0.001, 0.0011, 0.5, 0.99, 1].map((share) => quantile(oneToThousand, share))).toEqual([1, 1, 2, 500, 990, 1_000]);
  expect(quantile(Float64Array.of(7), 0.999)).toBe(7);
});

test("latencies are told by the usual quantiles and the mean", () => {
  expect(latencyQuantiles(oneToThousand)).toEqual({ p50: 500, p90: 900, p99: 990, p999: 999, mean: 500.5 });
});

test("without calls, all is 0, and the distribution is empty", () => {
  expect(latencyQuantiles(new Float64Array(0))).toEqual({ p50: 0, p90: 0, p99: 0, p999: 0, mean: 0 });
  expect(cumulativeShares(new Float64Array(0))).toEqual({ ms: [], share: [] });
  expect(cumulativeShares(new Float64Array(3))).toEqual({ ms: [], share: [] });
});

test("the distribution has the share at or below each bound, up to all of them, 40 bounds for a factor of ten", () => {
  const { ms, share } = cumulativeShares(oneToThousand);
  expect(ms.length).toBe(share.length);
  expect(ms[0]).toBe(1);
  expect(ms.at(-1)).toBeGreaterThanOrEqual(1_000);
  expect(ms.at(-2)).toBeLessThan(1_000);
  expect((ms[40] as number) / (ms[0] as number)).toBeCloseTo(10, 9);
  expect(share[0]).toBe(0.001);
  expect(share.at(-1)).toBe(1);
  for (const [i, bound] of ms.entries()) expect(share[i]).toBeCloseTo(Math.min(1_000, Math.floor(bound + 1e-9)) / 1_000, 9);
});

test("calls that took no time are below every bound", () => {
  expect(cumulativeShares(Float64Array.of(0, 0, 0, 11)).share[0]).toBe(0.75);
});
