import { expect, test } from "vitest";
import { randomIndex } from "../../random-source.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { Turns } from "./turns.ts";

function dealt(weights: readonly number[], turns: number): readonly number[] {
  const dealer = new Turns(weights);
  return Array.from({ length: turns }, () => dealer.next());
}

/** The rule, spelled out: in each round, all are asked in order. */
function asked(weights: readonly number[], turns: number): readonly number[] {
  const heaviest = Math.max(...weights);
  const due = weights.map(() => 0);
  const had: number[] = [];
  for (let round = 1; had.length < turns; round += 1) {
    for (const [index, weight] of weights.entries()) {
      if (round * weight < (due[index] as number)) continue;
      due[index] = (due[index] as number) + heaviest;
      had.push(index);
    }
  }
  return had.slice(0, turns);
}

test("equals take turns in order", () => {
  expect(dealt([5, 5, 5], 7)).toEqual([0, 1, 2, 0, 1, 2, 0]);
});

test("half the weight has a turn in every other round, after one for all in the first", () => {
  expect(dealt([1, 2], 9)).toEqual([0, 1, 0, 1, 1, 0, 1, 1, 0]);
});

test("deals as by asking everybody in every round, over 300 random sets of weights", () => {
  const chance = seededRandom(7);
  for (let round = 0; round < 300; round += 1) {
    const weights = Array.from({ length: 1 + randomIndex(chance, 20) }, () => 1 + randomIndex(chance, 30));
    expect(dealt(weights, 200)).toEqual(asked(weights, 200));
  }
});

test("a weight a thousand million times another's costs no more time: 100,000 turns", () => {
  const turns = dealt([1e9, ...new Array<number>(999).fill(1)], 100_000);
  expect(turns.filter((index) => index !== 0).length).toBe(999);
});
