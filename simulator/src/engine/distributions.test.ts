import { seededRandom } from "meshless/testing";
import { describe, expect, test } from "vitest";
import type { Distribution } from "../scenario.ts";
import { meanOf, samplerOf } from "./distributions.ts";

function sampled(distribution: Distribution, count = 200_000): Float64Array {
  const random = seededRandom(1);
  const sample = samplerOf(distribution);
  return Float64Array.from({ length: count }, () => sample(random));
}

function moments(values: Float64Array): { mean: number; scv: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, scv: variance / mean ** 2 };
}

describe("the mean of what is drawn is the mean that is told", () => {
  const distributions: readonly Distribution[] = [
    { kind: "constant", value: 7 },
    { kind: "exponential", mean: 20 },
    { kind: "normal", mean: 80, deviation: 80 },
    { kind: "normal", mean: 80, deviation: 0 },
    { kind: "normal", mean: 10, deviation: 100 },
    { kind: "lognormal", mean: 20, scv: 10 },
    {
      kind: "mixture",
      parts: [
        { share: 19, of: { kind: "constant", value: 10 } },
        { share: 1, of: { kind: "exponential", mean: 200 } },
      ],
    },
  ];
  test.each(distributions)("$kind %j", (distribution) => {
    const { mean } = moments(sampled(distribution));
    expect(mean / meanOf(distribution)).toBeCloseTo(1, 1.5);
  });
});

test("a log-normal distribution has the variation that is asked for", () => {
  expect(moments(sampled({ kind: "lognormal", mean: 20, scv: 2 })).scv).toBeCloseTo(2, 0.7);
});

test("the normal distribution of the Prequal paper, cut at 0, has the quantiles that its figures show below saturation", () => {
  const sorted = sampled({ kind: "normal", mean: 80, deviation: 80 }).sort();
  const at = (share: number) => sorted[Math.floor(share * sorted.length)] as number;
  expect(at(0.1)).toBe(0);
  expect(at(0.5)).toBeCloseTo(80, -0.5);
  expect(at(0.9)).toBeCloseTo(182.5, -0.5);
  expect(at(0.99)).toBeCloseTo(266, -1);
  expect(meanOf({ kind: "normal", mean: 80, deviation: 80 })).toBeCloseTo(86.67, 2);
});

test("a mixture draws its parts by their shares", () => {
  const parts = [2, 3, 5].map((share) => ({ share, of: { kind: "constant", value: share } as const }));
  const values = sampled({ kind: "mixture", parts }, 100_000);
  for (const share of [2, 3, 5]) expect(values.filter((value) => value === share).length / 100_000).toBeCloseTo(share / 10, 2);
});
