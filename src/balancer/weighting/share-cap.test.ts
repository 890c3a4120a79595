import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { SlotTables } from "../estimates/slot-table.ts";
import type { Member } from "../member.ts";
import { shareCap } from "./share-cap.ts";

function capOf(claims: readonly number[], maxShare: number, weights: readonly number[] = []): number {
  const members = claims.map((_, slot) => ({ endpoint: testEndpoint({ weight: weights[slot] ?? 1 }), slot }) as Member);
  const tables = new SlotTables();
  const table = tables.add();
  tables.membership(members);
  for (const [slot, claim] of claims.entries()) table.set(slot, claim);
  return shareCap(members, table, maxShare);
}

/** What each claim is of the mean, after the cut. */
function fairShares(claims: readonly number[], maxShare: number, weights: readonly number[] = claims.map(() => 1)): readonly number[] {
  const cap = capOf(claims, maxShare, weights);
  const cut = claims.map((claim) => Math.min(claim, cap));
  const sum = cut.reduce((total, claim, slot) => total + claim * (weights[slot] as number), 0);
  const mean = sum / weights.reduce((total, weight) => total + weight);
  return cut.map((claim) => claim / mean);
}

test("claims within the bound are not cut", () => {
  for (const claims of [[1], [5, 5, 5], [1, 2, 3], [1, 1, 1, 1, 2.4]]) expect(capOf(claims, 2)).toBeGreaterThanOrEqual(Math.max(...claims));
});

test("a claim a million times the others' gets twice the fair share: 2 of 10 endpoints", () => {
  const [liar, honest] = fairShares([1e6, ...new Array<number>(9).fill(1)], 2) as [number, number];
  expect(liar).toBeCloseTo(2, 6);
  expect(honest).toBeCloseTo(8 / 9, 6);
});

test("no share is above the bound, whatever the claims and weights are; over 2,000 random sets", () => {
  const chance = seededRandom(7);
  for (let round = 0; round < 2_000; round += 1) {
    const maxShare = 1.1 + 3 * chance();
    const claims = Array.from({ length: 2 + Math.floor(chance() * 60) }, () => 10 ** (12 * chance()));
    const weights = claims.map(() => 10 ** (3 * chance()));
    expect(Math.max(...fairShares(claims, maxShare, weights))).toBeLessThan(maxShare * 1.001);
  }
});

test("cuts no more than it must: the highest stands at the bound", () => {
  const chance = seededRandom(8);
  for (let round = 0; round < 500; round += 1) {
    const claims = Array.from({ length: 20 }, () => 10 ** (3 * chance()));
    const shares = fairShares(claims, 2);
    const isCut = Math.max(...claims) > capOf(claims, 2);
    if (isCut) expect(Math.max(...shares)).toBeGreaterThan(1.999);
  }
});

test("unknown claims do not count, and nothing is cut of nothing", () => {
  expect(capOf([NaN, 1, 1, 1, 1e6, NaN], 2)).toBeCloseTo(capOf([1, 1, 1, 1e6], 2), 9);
  expect(capOf([NaN, NaN], 2)).toBe(Infinity);
  expect(capOf([], 2)).toBe(Infinity);
});

test("Infinity cuts nothing", () => {
  expect(capOf([1, 1e9, 3], Infinity)).toBe(Infinity);
});
