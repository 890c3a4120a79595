import { describe, expect, it } from "vitest";
import type { Cell } from "./cell.ts";
import type { Figures } from "./figures.ts";
import { brokenLines, isJudged, isTailInDoubt, type Rival } from "./judge.ts";
import type { Shares } from "./shares.ts";
import { testCell } from "./test-cell.ts";
import { testFigures } from "./test-figures.ts";

const fair: Shares = { maxOverMean: 1.3, minOverMean: 0.7 };
const p2c: Rival = { maxOverMean: 1.2, minOverMean: 0.5, p99Ms: 100, starved: [] };

function judge(cell: Partial<Cell>, figures: Partial<Figures>, p2c?: Rival): readonly string[] {
  return brokenLines({ cell: testCell(cell), meshless: testFigures(figures), p2c, fair });
}

describe("pass lines", () => {
  it("are a tenth of the mean where each server has 1,000 calls", () => {
    expect(judge({}, { maxOverMean: 1.1, minOverMean: 0.9 })).toEqual([]);
    expect(judge({}, { maxOverMean: 1.11 })).toEqual(["max/mean is 1.11, above 1.1"]);
    expect(judge({}, { minOverMean: 0.89 })).toEqual(["min/mean is 0.89, below 0.9"]);
  });

  it("are what chance explains where calls are fewer", () => {
    expect(judge({ calls: 3_999 }, { maxOverMean: 1.3, minOverMean: 0.7 })).toEqual([]);
    expect(judge({ calls: 3_999 }, { maxOverMean: 1.31 })).toEqual(["max/mean, by chance is 1.31, above 1.3"]);
    expect(judge({ calls: 3_999 }, { minOverMean: 0.69 })).toEqual(["min/mean, by chance is 0.69, below 0.7"]);
  });

  it("are those of powerOfTwo() at 1,000 calls a second", () => {
    expect(judge({ callsPerSecond: 1_000 }, { maxOverMean: 1.25, minOverMean: 0.45 }, p2c)).toEqual([]);
    expect(judge({ callsPerSecond: 1_000 }, { maxOverMean: 1.26 }, p2c)).toEqual(["max/mean, by powerOfTwo() is 1.26, above 1.25"]);
    expect(judge({ callsPerSecond: 1_000 }, { minOverMean: 0.44 }, p2c)).toEqual(["min/mean, by powerOfTwo() is 0.44, below 0.45"]);
  });

  it("are those of powerOfTwo() in a run that was starved, if it ran beside it", () => {
    const starved = ["the machine was 100 % busy"];
    expect(judge({}, { maxOverMean: 1.25, starved }, p2c)).toEqual([]);
    expect(judge({}, { maxOverMean: 1.26, starved }, p2c)).toHaveLength(1);
  });

  it("allow the tail of powerOfTwo(), and what differs between two runs of the same", () => {
    expect(judge({}, { p99Ms: 130 }, p2c)).toEqual([]);
    expect(judge({}, { p99Ms: 131 }, p2c)).toEqual(["p99 in ms, by powerOfTwo() is 131, above 130"]);
    expect(judge({}, { p99Ms: 131 }, { ...p2c, starved: ["it was short of CPU"] })).toEqual([]);
  });

  it("take the medians of p99s in place of the first, once there are more", () => {
    const evidence = { cell: testCell({}), meshless: testFigures({ p99Ms: 131 }), p2c, fair };
    expect(isTailInDoubt(evidence)).toBe(true);
    expect(brokenLines({ ...evidence, tails: { meshlessMs: 130, p2cMs: 100 } })).toEqual([]);
    expect(brokenLines({ ...evidence, tails: { meshlessMs: 120, p2cMs: 80 } })).toEqual(["p99 in ms, by powerOfTwo() is 120, above 105"]);
    expect(isTailInDoubt({ ...evidence, meshless: testFigures({ p99Ms: 130 }) })).toBe(false);
    expect(isTailInDoubt({ ...evidence, p2c: undefined })).toBe(false);
  });

  it("hold by weight as well", () => {
    const trial = { kind: "weights", weights: [1, 2, 4] } as const;
    expect(judge({ trial, servers: 3, calls: 3_000 }, { minOverMean: 0.8 })).toEqual(["min/mean is 0.8, below 0.9"]);
  });

  it("allow no failure", () => {
    expect(judge({}, { failed: 1 })).toEqual(["failed calls is 1, above 0"]);
  });

  it("allow one of a hundred calls to be lost to a server that answers wrongly, and no more", () => {
    const trial = { kind: "wrong", answer: "not_found" } as const;
    expect(judge({ trial }, { failed: 40, maxOverMean: 3 })).toEqual([]);
    expect(judge({ trial }, { failed: 41 })).toHaveLength(1);
  });

  it("allow twice the calm p99 after servers were replaced, and no more", () => {
    const trial = { kind: "replaced", calmFromMs: 0, atMs: 1_000 } as const;
    expect(judge({ trial }, { maxOverMean: 3, replacement: { calmP99Ms: 50, afterP99Ms: 100, ratio: 2 } })).toEqual([]);
    expect(judge({ trial }, { replacement: { calmP99Ms: 50, afterP99Ms: 105, ratio: 2.1 } })).toHaveLength(1);
    expect(judge({ trial }, { replacement: { calmP99Ms: Number.NaN, afterP99Ms: 1, ratio: Number.NaN } })).toHaveLength(1);
  });

  it("are not broken by a run that was starved and has nothing beside it", () => {
    const starved = { maxOverMean: 3, starved: ["the machine was 100 % busy"] };
    expect(judge({}, starved)).toEqual([]);
    expect(isJudged({ cell: testCell({}), meshless: testFigures(starved), p2c: undefined })).toBe(false);
  });
});
