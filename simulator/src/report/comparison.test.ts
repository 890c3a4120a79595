import { expect, test } from "vitest";
import type { RunResult } from "../result.ts";
import type { SearchResults } from "../suite/pods-needed.ts";
import { testResult } from "../suite/test-result.ts";
import { loadSuite, testScenario } from "../suite/test-suite.ts";
import { compareInCell, compareInSearch } from "./comparison.ts";

const runs = (...p99s: readonly number[]) => p99s.map((p99Ms, index) => testResult({ seed: index + 1, p99Ms }));
const failing = (errorShare: number, results: readonly RunResult[]) => results.map((result) => ({ ...result, errorShare }));

function compare(other: readonly RunResult[], own: readonly RunResult[]) {
  const cell = { scenario: testScenario("steady"), contenders: ["other", "own"] };
  return compareInCell(
    {
      cell,
      runs: new Map([
        ["other", other],
        ["own", own],
      ]),
    },
    "other",
    "own",
  );
}

test("a policy is worse or better by its p99, seed by seed", () => {
  expect(compare(runs(200, 220), runs(100, 110))).toEqual({ ratio: expect.closeTo(2), verdict: "worse", text: "2.00" });
  expect(compare(runs(50, 55), runs(100, 110))?.verdict).toBe("better");
});

test("what may be chance, or what nobody would notice, is even", () => {
  expect(compare(runs(150, 90), runs(100, 100))?.verdict).toBe("even");
  expect(compare(runs(60, 110), runs(100, 100))?.verdict).toBe("even");
  expect(compare(runs(100.5), runs(100))?.verdict).toBe("even");
  expect(compare(runs(102), runs(100))?.verdict).toBe("worse");
});

test("who fails more is worse, however quickly", () => {
  expect(compare(failing(0.02, runs(10)), runs(100))).toMatchObject({ verdict: "worse", text: "0.10", remark: "+2.00 % err" });
  expect(compare(runs(200), failing(0.02, runs(100)))).toMatchObject({ verdict: "better", remark: "−2.00 % err" });
  expect(compare(failing(0.0004, runs(50)), runs(100))).toEqual({ ratio: expect.closeTo(0.5), verdict: "better", text: "0.50" });
});

test("who did not run is not compared", () => {
  const cell = { scenario: testScenario("steady"), contenders: ["own"] };
  expect(compareInCell({ cell, runs: new Map([["own", runs(1)]]) }, "other", "own")).toBeUndefined();
});

test("searches are compared by pods; more than the search's end is at least that many", () => {
  const [search] = loadSuite().chapters[1]?.searches ?? [];
  const found = (own: number | undefined, other: number | undefined) => {
    const needed = Object.entries({ own, other }).map(([contender, count]) => ({ search: "pods", contender, count, tried: [], wallMs: 0 }));
    return compareInSearch({ search, needed } as SearchResults, "other", "own");
  };
  expect(found(30, 45)).toEqual({ ratio: 1.5, verdict: "worse", text: "1.50", remark: "45 pods" });
  expect(found(30, 30)?.verdict).toBe("even");
  expect(found(30, 27)?.verdict).toBe("better");
  expect(found(32, undefined)).toEqual({ ratio: 2, verdict: "worse", text: ">2.00" });
  expect(found(undefined, 30)).toBeUndefined();
});
