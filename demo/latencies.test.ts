import { describe, expect, it } from "vitest";
import { addLatencies, countLatencies, type Latencies, latencyAt, recordLatency } from "./latencies.ts";

function latenciesOf(values: Iterable<number>): Latencies {
  const latencies: Latencies = [];
  for (const value of values) recordLatency(latencies, value);
  return latencies;
}

const oneToThousand = Array.from({ length: 1000 }, (_, index) => index + 1);

describe("latencies", () => {
  it.each([0.01, 0.5, 0.99, 1])("are within 1 %% of the exact quantile at %f", (quantile) => {
    const exact = oneToThousand[quantile * 1000 - 1] ?? Number.NaN;
    const found = latencyAt(latenciesOf(oneToThousand), quantile);
    expect(Math.abs(found / exact - 1)).toBeLessThanOrEqual(0.01);
  });

  it("of two processes add up to those of one", () => {
    const odd = latenciesOf(oneToThousand.filter((value) => value % 2 === 1));
    const even = latenciesOf(oneToThousand.filter((value) => value % 2 === 0));
    expect(addLatencies([odd, even])).toEqual(latenciesOf(oneToThousand));
  });

  it("keep a call that took no time, and one that took minutes", () => {
    const latencies = latenciesOf([0, 300_000]);
    expect(countLatencies(latencies)).toBe(2);
    expect(latencyAt(latencies, 1)).toBeGreaterThan(297_000);
  });

  it("are 0 before the first call", () => {
    expect(latencyAt([], 0.99)).toBe(0);
  });
});
