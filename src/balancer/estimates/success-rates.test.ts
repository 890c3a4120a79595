import fc from "fast-check";
import { expect, test } from "vitest";
import { SuccessRates } from "./success-rates.ts";

/** Members by slot, each with its successes and failures at time 0. */
function ratesOf(calls: readonly (readonly [ok: number, bad: number])[], minRequests = 1): SuccessRates {
  const rates = new SuccessRates(10_000, minRequests);
  for (const [slot, [ok, bad]] of calls.entries()) {
    for (let call = 0; call < ok; call += 1) rates.add(slot, false, 0);
    for (let call = 0; call < bad; call += 1) rates.add(slot, true, 0);
  }
  return rates;
}

test("without calls nothing speaks against a member, known or not", () => {
  for (const rates of [new SuccessRates(), ratesOf([[0, 0]])]) {
    expect([rates.requests(3, 0), rates.raw(3, 0), rates.rate(3, 0), rates.median(0)]).toEqual([0, 1, 1, 1]);
  }
});

test("the rate counts one success more than there were", () => {
  const rates = ratesOf([[3, 1]]);
  expect([rates.requests(0, 0), rates.raw(0, 0), rates.rate(0, 0)]).toEqual([4, 3 / 4, 4 / 5]);
});

test("a call counts until ten buckets have begun after its own", () => {
  const rates = new SuccessRates();
  rates.add(0, true, 999);
  rates.add(0, false, 1_000);
  expect([rates.requests(0, 9_999), rates.raw(0, 9_999)]).toEqual([2, 1 / 2]);
  expect([rates.requests(0, 10_000), rates.raw(0, 10_000)]).toEqual([1, 1]);
  expect(rates.requests(0, 10_999)).toBe(1);
  expect(rates.requests(0, 11_000)).toBe(0);
});

test("the window can be set: a tenth of it is a bucket", () => {
  const rates = new SuccessRates(500);
  rates.add(0, true, 49);
  expect([rates.requests(0, 499), rates.requests(0, 500)]).toEqual([1, 0]);
});

test("the median is the upper one of two in the middle, rounded down to 1/256", () => {
  expect(
    ratesOf([
      [9, 0],
      [1, 8],
    ]).median(0),
  ).toBe(1);
  expect(
    ratesOf([
      [9, 0],
      [1, 8],
      [0, 9],
    ]).median(0),
  ).toBe(Math.floor((2 / 10) * 256) / 256);
  expect(
    ratesOf([
      [9, 0],
      [4, 5],
      [1, 8],
      [0, 9],
    ]).median(0),
  ).toBe(128 / 256);
});

test("the median is 1 with fewer than two that are judged", () => {
  expect(ratesOf([[0, 9]]).median(0)).toBe(1);
  const rates = ratesOf(
    [
      [0, 9],
      [0, 2],
      [0, 0],
    ],
    3,
  );
  expect([rates.judged(0), rates.median(0)]).toEqual([1, 1]);
  rates.add(1, true, 0);
  expect([rates.judged(0), rates.median(0)]).toEqual([2, 64 / 256]);
});

test("a slot that is reset starts anew and leaves the others as they are", () => {
  const rates = ratesOf([
    [9, 0],
    [0, 9],
    [0, 9],
  ]);
  rates.reset(1);
  rates.reset(1_000);
  expect([rates.requests(0, 0), rates.requests(1, 0), rates.requests(2, 0)]).toEqual([9, 0, 9]);
  expect([rates.judged(0), rates.median(0)]).toEqual([2, 1]);
  rates.add(1, false, 9_000);
  expect(rates.requests(1, 10_000)).toBe(1);
});

test("room is made without losing anything", () => {
  const rates = ratesOf([
    [3, 1],
    [0, 4],
  ]);
  rates.add(5_000, false, 0);
  expect([rates.raw(0, 0), rates.raw(1, 0), rates.requests(5_000, 0), rates.requests(4_999, 0)]).toEqual([3 / 4, 0, 1, 0]);
  expect(rates.judged(0)).toBe(3);
});

const steps = fc.array(
  fc.record({
    type: fc.constantFrom("add", "add", "add", "add", "ask", "reset"),
    slot: fc.nat(6),
    failed: fc.boolean(),
    waitMs: fc.oneof({ weight: 9, arbitrary: fc.nat(900) }, { weight: 1, arbitrary: fc.nat(20_000) }),
  }),
  { maxLength: 150 },
);

test("any history gives what a naive list of calls gives", () => {
  const ask = (rates: SuccessRates, slot: number, nowMs: number) =>
    [
      rates.requests(slot, nowMs),
      rates.raw(slot, nowMs),
      rates.rateOfOthers(slot, 1, nowMs),
      rates.judged(nowMs),
      rates.median(nowMs),
    ] as const;
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 4 }), (history, minRequests) => {
      const rates = new SuccessRates(10_000, minRequests);
      const naive = new NaiveRates(minRequests);
      let nowMs = 0;
      for (const { type, slot, failed, waitMs } of history) {
        nowMs += waitMs;
        if (type === "add") rates.add(slot, failed, nowMs);
        if (type === "add") naive.calls.push({ slot, failed, atMs: nowMs });
        if (type === "reset") rates.reset(slot);
        if (type === "reset") naive.calls = naive.calls.filter((call) => call.slot !== slot);
        if (type !== "ask") continue;
        for (let each = 0; each < 7; each += 1) expect(ask(rates, each, nowMs)).toEqual(naive.ask(each, nowMs));
      }
      expect(ask(rates, 0, nowMs)).toEqual(naive.ask(0, nowMs));
    }),
    { numRuns: 300 },
  );
});

class NaiveRates {
  calls: { readonly slot: number; readonly failed: boolean; readonly atMs: number }[] = [];
  readonly #minRequests: number;

  constructor(minRequests: number) {
    this.#minRequests = minRequests;
  }

  ask(slot: number, nowMs: number): readonly number[] {
    const recent = this.calls.filter(({ atMs }) => Math.floor(nowMs / 1000) - Math.floor(atMs / 1000) < 10);
    const requests = (of: number) => recent.filter((call) => call.slot === of).length;
    const ok = (of: number) => recent.filter((call) => call.slot === of && !call.failed).length;
    const rate = (of: number) => (ok(of) + 1) / (requests(of) + 1);
    const judged = [...new Set(recent.map((call) => call.slot))].filter((of) => requests(of) >= this.#minRequests);
    const sorted = judged.map((of) => Math.floor(rate(of) * 256) / 256).sort((a, b) => a - b);
    const median = sorted.length < 2 ? 1 : (sorted[Math.floor(sorted.length / 2)] as number);
    const raw = requests(slot) === 0 ? 1 : ok(slot) / requests(slot);
    const others = recent.filter((call) => call.slot !== slot);
    const rateOfOthers = (others.filter((call) => !call.failed).length + 1) / (others.length + 1);
    return [requests(slot), raw, rateOfOthers, sorted.length, median];
  }
}
