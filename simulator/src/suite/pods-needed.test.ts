import { expect, test } from "vitest";
import type { RunResult } from "../result.ts";
import type { Entrant } from "./entrant.ts";
import { podsNeeded, type Search } from "./pods-needed.ts";
import { testResult } from "./test-result.ts";
import { testScenario } from "./test-suite.ts";

const search: Search = {
  name: "pods",
  description: "",
  contenders: ["p2c"],
  vary: (count) => testScenario("vary", 10, count),
  from: 1,
  to: 100,
  goal: ({ errorShare }) => errorShare === 0,
};

/** Reaches the goal from `needed(seed)` pods on. */
function entrant(needed: (seed: number) => number, onRun: (result: RunResult) => void = () => {}): Entrant {
  return {
    name: "p2c",
    description: "",
    run({ servers }, seed) {
      const result = testResult({ seed, errorShare: (servers[0]?.count ?? 0) >= needed(seed) ? 0 : 1 });
      onRun(result);
      return result;
    },
  };
}

test.each([1, 2, 37, 99, 100])("finds the least count that reaches the goal: %i", (needed) => {
  const { count, tried } = podsNeeded(
    search,
    entrant(() => needed),
  );
  expect(count).toBe(needed);
  expect(tried.length).toBeLessThanOrEqual(8);
  expect(tried.every(({ count, reached }) => reached === count >= needed)).toBe(true);
});

test("more than the most that is tried is not known", () => {
  expect(
    podsNeeded(
      search,
      entrant(() => 101),
    ),
  ).toMatchObject({ count: undefined, tried: [{ count: 100, reached: false }] });
});

test("four of five seeds decide", () => {
  const oneUnlucky = entrant((seed) => (seed === 2 ? 90 : 40));
  const twoUnlucky = entrant((seed) => (seed <= 2 ? 90 : 40));
  expect(podsNeeded(search, oneUnlucky).count).toBe(40);
  expect(podsNeeded(search, twoUnlucky).count).toBe(90);
  expect(podsNeeded({ ...search, agree: 3 }, twoUnlucky).count).toBe(40);
});

test("seeds are run only until the verdict is certain: four that reach it, or two that don't", () => {
  const runs: RunResult[] = [];
  podsNeeded(
    { ...search, to: 2 },
    entrant(
      () => 2,
      (result) => runs.push(result),
    ),
  );
  expect(runs.map(({ seed, errorShare }) => [seed, errorShare])).toEqual([
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 0],
    [1, 1],
    [2, 1],
  ]);
});

test("a range that is none is an error", () => {
  expect(() =>
    podsNeeded(
      { ...search, from: 5, to: 4 },
      entrant(() => 1),
    ),
  ).toThrow("not from 5 to 4");
});
