import { seededRandom } from "meshless/testing";
import { describe, expect, it } from "vitest";
import { fairBand } from "./fair-band.ts";

describe("the band of fair draws", () => {
  it("is that of the binomial distribution for two servers", () => {
    // Of 40 draws, 31 or more go to the busier one with a chance of 0.07 %, 30 or more with 0.2 %.
    expect(fairBand(40, [1, 1], seededRandom(1))).toEqual({ maxOverMean: 1.5, minOverMean: 0.5 });
  });

  it("is that of the normal distribution where calls are many", () => {
    // 3.29 deviations of 50 calls each way.
    const { maxOverMean, minOverMean } = fairBand(10_000, [1, 1], seededRandom(1));
    expect(maxOverMean).toBeCloseTo(1.033, 2);
    expect(minOverMean).toBeCloseTo(0.967, 2);
  });

  it("does not jump where draws become normal numbers", () => {
    const few = fairBand(99, [1, 1, 1, 1], seededRandom(1));
    const many = fairBand(100, [1, 1, 1, 1], seededRandom(1));
    expect(Math.abs(few.maxOverMean - many.maxOverMean)).toBeLessThan(0.06);
    expect(Math.abs(few.minOverMean - many.minOverMean)).toBeLessThan(0.06);
  });

  it("is wide for a server of little weight, which few calls are due to", () => {
    const even = fairBand(1_400, [1, 1, 1], seededRandom(1));
    const uneven = fairBand(1_400, [1, 2, 4], seededRandom(1));
    expect(uneven.minOverMean).toBeLessThan(even.minOverMean);
  });
});
