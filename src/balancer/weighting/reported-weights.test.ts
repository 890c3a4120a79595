import { expect, test } from "vitest";
import type { LoadReport } from "../../load-report.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Member } from "../member.ts";
import { ReportedWeights, type ReportedWeightsOptions } from "./reported-weights.ts";

const AS_PUBLISHED: ReportedWeightsOptions = {
  blackoutMs: 10_000,
  expirationMs: 180_000,
  errorUtilizationPenalty: 1,
  maxShare: Infinity,
  raiseMs: 0,
};

function members(...weights: readonly number[]): readonly Member[] {
  return weights.map((weight, slot) => ({ endpoint: testEndpoint({ id: `e${slot}`, weight }), slot }) as Member);
}

function weightsOf(given: readonly Member[], options: Partial<ReportedWeightsOptions> = {}) {
  const reported = new ReportedWeights({ ...AS_PUBLISHED, ...options });
  reported.membership(given);
  return {
    reported,
    /** Each member reports its claim, twice with `blackoutMs` between, so that it counts at once. */
    tell(nowMs: number, ...claims: readonly (number | undefined)[]) {
      for (const [slot, claim] of claims.entries()) {
        if (claim !== undefined) reported.onReport(given[slot] as Member, report(claim), nowMs);
      }
    },
    at(nowMs: number): readonly number[] {
      reported.update(nowMs);
      return given.map(({ slot }) => reported.weights.get(slot));
    },
  };
}

function report(requestsPerSecond: number, utilization = 1, errorsPerSecond = 0): LoadReport {
  return { requestsPerSecond, utilization, errorsPerSecond };
}

test("a weight is requests per second / (utilization + errors per request * penalty)", () => {
  const given = members(1, 1);
  for (const [errorUtilizationPenalty, expected] of [
    [1, 100 / 0.6],
    [0, 200],
    [2, 100 / 0.7],
  ] as const) {
    const { reported, at } = weightsOf(given, { blackoutMs: 0, errorUtilizationPenalty });
    reported.onReport(given[0] as Member, report(100, 0.5, 10), 0);
    reported.onReport(given[1] as Member, report(70, 0.7), 0);
    expect(at(0)[0]).toBeCloseTo(expected, 9);
    expect(at(0)[1]).toBeCloseTo(100, 9);
  }
});

test("with fewer than two that report, all have the same", () => {
  const { tell, at } = weightsOf(members(1, 1, 1), { blackoutMs: 0 });
  expect(at(0)).toEqual([1, 1, 1]);
  tell(0, 500);
  expect(at(0)).toEqual([1, 1, 1]);
  tell(0, 500, 100);
  expect(at(0)).toEqual([500, 100, 300]);
});

test("weights from discovery multiply, reported or not", () => {
  const { tell, at } = weightsOf(members(1, 2, 3), { blackoutMs: 0 });
  expect(at(0)).toEqual([1, 2, 3]);
  tell(0, 100, 300);
  expect(at(0)).toEqual([100, 600, 600]);
});

test("reports count once they came for the blackout, from the first one on", () => {
  const { tell, at } = weightsOf(members(1, 1, 1));
  tell(0, 100, 300);
  tell(9_999, 100, 300, 700);
  expect(at(9_999)).toEqual([1, 1, 1]);
  expect(at(10_000)).toEqual([100, 300, 200]);
  expect(at(19_999)).toEqual([100, 300, 700]);
});

test("a silent server has the mean weight after the expiration, and a blackout when it reports again", () => {
  const { tell, at } = weightsOf(members(1, 1, 1), { expirationMs: 60_000 });
  tell(0, 100, 300, 800);
  expect(at(10_000)).toEqual([100, 300, 800]);
  tell(50_000, 100, 300);
  expect(at(59_999)).toEqual([100, 300, 800]);
  expect(at(60_000)).toEqual([100, 300, 200]);
  tell(70_000, 100, 300, 800);
  expect(at(70_000)).toEqual([100, 300, 200]);
  expect(at(80_000)).toEqual([100, 300, 800]);
});

test("a weight falls at once, and makes 63 % of its way up in each `raiseMs`, however often it is computed", () => {
  const { tell, at } = weightsOf(members(1, 1, 1), { blackoutMs: 0, raiseMs: 10_000 });
  tell(0, 100, 100, 100);
  expect(at(0)[0]).toBe(100);
  tell(1_000, 20);
  expect(at(1_000)[0]).toBe(20);
  tell(1_000, 120);
  for (let nowMs = 2_000; nowMs < 11_000; nowMs += 1_000) at(nowMs);
  expect(at(11_000)[0]).toBeCloseTo(120 - 100 / Math.E, 6);
  tell(11_000, 30);
  expect(at(11_000)[0]).toBe(30);
});

test("a first claim above the mean is believed as slowly as any other", () => {
  const { tell, at } = weightsOf(members(1, 1, 1), { blackoutMs: 0, raiseMs: 10_000 });
  tell(0, 100, 100);
  at(0);
  tell(5_000, 100, 100, 1_000);
  at(5_000);
  expect(at(5_000)[2]).toBeLessThan(100 + 900 * 0.4);
  const again = weightsOf(members(1, 1, 1), { blackoutMs: 0, raiseMs: 10_000 });
  again.tell(0, 100, 100);
  again.at(0);
  again.tell(5_000, 100, 100, 10);
  expect(again.at(5_000)[2]).toBe(10);
});

test("no claim lifts a share above `maxShare` times the fair one", () => {
  const { tell, at } = weightsOf(members(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), { blackoutMs: 0, maxShare: 2 });
  tell(0, 1e15, ...new Array<number>(9).fill(100));
  const weights = at(0);
  const sum = weights.reduce((total, weight) => total + weight);
  expect((weights[0] as number) / sum).toBeCloseTo(0.2, 6);
  expect(weights[1]).toBe(100);
});

test("whoever is unknown has the mean of what the others' claims are cut to", () => {
  const { tell, at } = weightsOf(members(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), { blackoutMs: 0, maxShare: 2 });
  tell(0, 1e15, ...new Array<number>(8).fill(100));
  expect(at(0)[9]).toBeCloseTo((800 + (2 * 800) / 7) / 9, 6);
});

test("a utilization of 0, no requests, and what is no number say nothing", () => {
  const given = members(1, 1);
  const { reported, at } = weightsOf(given, { blackoutMs: 0 });
  for (const nothing of [report(100, 0), report(0, 0.5), report(NaN), report(100, NaN), report(-5), report(100, 1, NaN)]) {
    for (const member of given) reported.onReport(member, nothing, 0);
    expect(at(0)).toEqual([1, 1]);
  }
});

test("weights stay finite under the wildest claims", () => {
  const { reported, at } = weightsOf(members(1, 1, 1), { blackoutMs: 0, maxShare: 2 });
  const wild = [report(1e308, 1e-308), report(Infinity, 1), report(1e308, 1e308, 1e308)];
  for (const [slot, claim] of wild.entries()) reported.onReport(members(1, 1, 1)[slot] as Member, claim, 0);
  for (const weight of at(0)) expect(weight > 0 && weight < Infinity).toBe(true);
});

test("a newcomer in a reused slot has the mean weight, and those who stay keep theirs", () => {
  const given = members(1, 1, 1);
  const { reported, tell, at } = weightsOf(given, { blackoutMs: 0 });
  tell(0, 100, 300, 800);
  at(0);
  const newcomer = members(1, 1, 1)[2] as Member;
  reported.membership([given[0] as Member, given[1] as Member, newcomer]);
  expect(at(1)).toEqual([100, 300, 200]);
});
