import { expect, test } from "vitest";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { type SlotTable, SlotTables } from "../estimates/slot-table.ts";
import type { Member } from "../member.ts";
import { StrideSchedule } from "./stride-schedule.ts";

function scheduleOf(...weights: readonly number[]): StrideSchedule {
  const schedule = new StrideSchedule();
  schedule.membership(members(weights.length));
  schedule.reweigh(tableOf(weights));
  return schedule;
}

function tableOf(values: readonly number[]): SlotTable {
  const tables = new SlotTables();
  const table = tables.add();
  tables.membership(members(values.length));
  for (const [slot, value] of values.entries()) table.set(slot, value);
  return table;
}

function members(count: number): readonly Member[] {
  return Array.from({ length: count }, (_, slot) => ({ endpoint: testEndpoint(), slot }) as Member);
}

/** Who has turns, in order: slot i stands at place i. */
function turns(schedule: StrideSchedule, count: number, rounds: number, firstRound = 0): readonly number[] {
  const had: number[] = [];
  for (let round = firstRound; round < firstRound + rounds; round += 1) {
    for (let slot = 0; slot < count; slot += 1) if (schedule.hasTurn(slot, slot, round)) had.push(slot);
  }
  return had;
}

function shares(had: readonly number[], count: number): readonly number[] {
  return Array.from({ length: count }, (_, slot) => had.filter((other) => other === slot).length / had.length);
}

test("equals have a turn in every round, in order", () => {
  expect(turns(scheduleOf(3, 3, 3), 3, 3)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
});

test("turns are in proportion to the weights, from whatever round on", () => {
  for (const firstRound of [0, 12_345, 65_534, 1e9]) {
    const measured = shares(turns(scheduleOf(1, 2, 4, 3), 4, 10_000, firstRound), 4);
    for (const [slot, weight] of [1, 2, 4, 3].entries()) expect(measured[slot]).toBeCloseTo(weight / 10, 3);
  }
});

test("the turns of a member are spread evenly: at any time it has had its share to within one", () => {
  const weights = [1, 0.37, 0.61];
  const schedule = scheduleOf(...weights);
  for (const [slot, weight] of weights.entries()) {
    let had = 0;
    for (let round = 0; round < 5_000; round += 1) {
      if (schedule.hasTurn(slot, slot, round)) had += 1;
      expect(Math.abs(had - (round + 1) * weight)).toBeLessThan(1.5);
    }
  }
});

test("neighbours of equal weight do not skip the same rounds", () => {
  const schedule = scheduleOf(1, 0.5, 0.5);
  for (let round = 0; round < 1_000; round += 1)
    expect(Number(schedule.hasTurn(1, 1, round)) + Number(schedule.hasTurn(2, 2, round))).toBeGreaterThan(0);
});

test("a weight beyond ten times the mean counts as ten times the mean", () => {
  const [heavy] = shares(turns(scheduleOf(51, ...new Array<number>(99).fill(1)), 100, 5_000), 100);
  expect(heavy).toBeCloseTo(15 / (15 + 99), 3);
});

test("the lightest has a turn in a hundred rounds of the mean", () => {
  const [light] = shares(turns(scheduleOf(1e-12, 1, 1, 1), 4, 65_535), 4);
  expect(light).toBeCloseTo((0.01 * 0.75) / 3.0075, 4);
});

test("new weights take the place of the old ones", () => {
  const schedule = scheduleOf(1, 1);
  schedule.reweigh(tableOf([1, 3]));
  expect(shares(turns(schedule, 2, 1_000), 2)[1]).toBeCloseTo(0.75, 2);
});
