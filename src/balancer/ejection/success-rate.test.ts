import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import { MutableMember } from "../members/mutable-member.ts";
import type { Outcome } from "../outcome.ts";
import { type SuccessRateOptions, successRate } from "./success-rate.ts";

const GOOD = testOutcome("success");
const BAD = testOutcome("failure");
const BLAMING = testOutcome("clientError");

/** Members by slot; each outcome of one of them may draw an accusation. */
function fleetOf(size: number, options: SuccessRateOptions = {}) {
  const accuser = successRate(options)();
  const members = Array.from({ length: size }, (_, slot) => new MutableMember(testEndpoint({ id: `e${slot}` }), slot, 0));
  return {
    forget: (slot: number) => accuser.forget?.(members[slot] as MutableMember),
    settle: (slot: number, outcome: Outcome, nowMs = 0) => accuser.onOutcome(members[slot] as MutableMember, outcome, nowMs),
    /** So many calls, one after the other; the last accusation. */
    calls(slot: number, outcome: Outcome, times: number, nowMs = 0): string | undefined {
      let accusation: string | undefined;
      for (let call = 0; call < times; call += 1) accusation = this.settle(slot, outcome, nowMs);
      return accusation;
    },
  };
}

test("accuses with the tenth call, and not before", () => {
  const fleet = fleetOf(2);
  fleet.calls(1, GOOD, 10);
  expect(fleet.calls(0, BAD, 9)).toBeUndefined();
  expect(fleet.settle(0, BAD)).toBe("success rate 0.00 of 10 calls (median 1.00)");
});

test("who answers half of its calls with client errors is accused where the others do not, and not where they do", () => {
  const fleet = fleetOf(3);
  for (const slot of [1, 2]) fleet.calls(slot, GOOD, 100);
  fleet.calls(0, GOOD, 25);
  expect(fleet.calls(0, BLAMING, 24)).toBeUndefined();
  expect(fleet.settle(0, BLAMING)).toBe("success rate 0.50 of 50 answers without client errors (median 1.00)");
  for (const slot of [1, 2]) fleet.calls(slot, BLAMING, 100);
  expect(fleet.settle(0, BLAMING)).toBeUndefined();
});

test("client errors make nobody look as if he worked less well, nor the others", () => {
  const fleet = fleetOf(2);
  fleet.calls(1, BLAMING, 100);
  fleet.calls(0, BLAMING, 50);
  expect(fleet.calls(0, BAD, 49)).toBeUndefined();
  expect(fleet.settle(0, BAD)).toBe("success rate 0.50 of 100 calls (median 1.00)");
});

test("half of the calls may not fail; of more than half that succeed, nothing is said", () => {
  const fleet = fleetOf(2);
  fleet.calls(1, GOOD, 100);
  fleet.calls(0, GOOD, 20);
  expect(fleet.calls(0, BAD, 19)).toBeUndefined();
  expect(fleet.settle(0, BAD)).toBe("success rate 0.50 of 40 calls (median 1.00)");
});

test("a success does not accuse, whatever came before", () => {
  const fleet = fleetOf(2);
  fleet.calls(0, BAD, 100);
  fleet.calls(1, GOOD, 100);
  expect(fleet.settle(0, GOOD)).toBeUndefined();
  expect(fleet.settle(0, BAD)).toBeDefined();
});

test("accuses nobody without another one to compare with, of ten calls at least", () => {
  const fleet = fleetOf(2);
  fleet.calls(1, GOOD, 9);
  expect(fleet.calls(0, BAD, 1_000)).toBeUndefined();
  fleet.settle(1, GOOD);
  expect(fleet.settle(0, BAD)).toBeDefined();
});

test.each([
  [81, true],
  [79, false],
])("where %i %% succeed at most endpoints, one where 50 %% do stands out: %s", (percent, standsOut) => {
  const fleet = fleetOf(3);
  for (const slot of [1, 2]) {
    fleet.calls(slot, GOOD, 10 * percent);
    fleet.calls(slot, BAD, 10 * (100 - percent));
  }
  fleet.calls(0, GOOD, 500);
  expect(fleet.calls(0, BAD, 500) !== undefined).toBe(standsOut);
});

test("few calls have to stand out further where failures are usual: with 20 % of them, 1 of 10 may be chance, 1 of 13 not", () => {
  const fleet = fleetOf(3);
  for (const slot of [1, 2]) {
    fleet.calls(slot, GOOD, 800);
    fleet.calls(slot, BAD, 200);
  }
  fleet.calls(0, GOOD, 1);
  expect(fleet.calls(0, BAD, 10)).toBeUndefined();
  expect(fleet.calls(0, BAD, 2)).toBe("success rate 0.08 of 13 calls (median 0.80)");
});

test("calls count for the window, then no more", () => {
  const fleet = fleetOf(2);
  fleet.calls(0, BAD, 9);
  fleet.calls(1, GOOD, 10, 9_999);
  expect(fleetOf(2).settle(0, BAD, 9_999)).toBeUndefined();
  expect(fleet.settle(0, BAD, 9_999)).toBeDefined();
  expect(fleet.settle(0, BAD, 10_000)).toBeUndefined();
});

test("what was forgotten does not count, neither against the member nor in the median", () => {
  const fleet = fleetOf(2);
  fleet.calls(1, GOOD, 10);
  fleet.calls(0, BAD, 9);
  fleet.forget(0);
  expect(fleet.calls(0, BAD, 9)).toBeUndefined();
  fleet.forget(1);
  expect(fleet.calls(0, BAD, 9)).toBeUndefined();
});

test("an endpoint that answers nothing but overload is accused; one that turns calls away before the handler is not", () => {
  const fleet = fleetOf(3);
  fleet.calls(2, GOOD, 10);
  expect(fleet.calls(0, testOutcome("overload", { processed: "no" }), 100)).toBeUndefined();
  expect(fleet.calls(1, testOutcome("overload", { processed: "yes" }), 10)).toBeDefined();
});

test("outcomes that say nothing of an endpoint make it neither better nor worse", () => {
  const fleet = fleetOf(2);
  fleet.calls(1, GOOD, 10);
  fleet.calls(0, BAD, 9);
  for (const kind of ["refused", "unreachable", "overload"] as const) expect(fleet.calls(0, testOutcome(kind), 100)).toBeUndefined();
  expect(fleet.settle(0, BAD)).toBe("success rate 0.00 of 10 calls (median 1.00)");
});

test("every option counts", () => {
  const lenient = fleetOf(2, { atMost: 0.2 });
  lenient.calls(1, GOOD, 100);
  lenient.calls(0, GOOD, 3);
  expect([lenient.calls(0, BAD, 11), lenient.settle(0, BAD)]).toEqual([undefined, "success rate 0.20 of 15 calls (median 1.00)"]);
  const wide = fleetOf(2, { belowMedianBy: 0.92 });
  wide.calls(1, GOOD, 100);
  expect([wide.calls(0, BAD, 11), wide.settle(0, BAD)]).toEqual([undefined, "success rate 0.00 of 12 calls (median 1.00)"]);
  const quick = fleetOf(2, { minRequests: 3 }); // with 3 calls of the other known, (1/4)^10 is beyond chance
  quick.calls(1, GOOD, 3);
  expect([quick.calls(0, BAD, 9), quick.settle(0, BAD)]).toEqual([undefined, "success rate 0.00 of 10 calls (median 1.00)"]);
  const brief = fleetOf(2, { windowMs: 1_000 });
  brief.calls(0, BAD, 9);
  brief.calls(1, GOOD, 10, 1_000);
  expect(brief.settle(0, BAD, 1_000)).toBeUndefined();
});

const fleetWide = fc.record({
  size: fc.integer({ min: 2, max: 30 }),
  failing: fc.double({ min: 0.05, max: 1, noNaN: true }),
  callsPerSecond: fc.integer({ min: 5, max: 200 }),
  seed: fc.nat(),
});

test("the fewer others there are to compare with, the more calls it takes: 50 % failures are seen after 26 calls, or 18, or 10", () => {
  for (const [size, expected] of [
    [2, 26],
    [3, 18],
    [10, 10],
  ] as const) {
    const fleet = fleetOf(size);
    for (let slot = 1; slot < size; slot += 1) fleet.calls(slot, GOOD, 10);
    let made = 1;
    while (fleet.settle(0, made % 2 === 0 ? BAD : GOOD) === undefined && made < 100) made += 1;
    expect(made).toBe(expected);
  }
});

test("whatever share of all calls fails, in fleets of any size, from 5 calls per second and endpoint: nobody is accused", () => {
  fc.assert(
    fc.property(fleetWide, ({ size, failing, callsPerSecond, seed }) => {
      const random = seededRandom(seed);
      const fleet = fleetOf(size);
      const accusations: string[] = [];
      for (let call = 0; call < 3_000; call += 1) {
        const slot = Math.floor(random() * size);
        const accusation = fleet.settle(slot, random() < failing ? BAD : GOOD, (call * 1_000) / (callsPerSecond * size));
        if (accusation !== undefined) accusations.push(accusation);
      }
      expect(accusations).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

const oneBad = fc.record({ size: fc.integer({ min: 2, max: 30 }), failing: fc.double({ min: 0.7, max: 1, noNaN: true }), seed: fc.nat() });

test("one that fails 70 % or more of its calls is accused within 60 of them, and nobody else, where the others fail 2 %", () => {
  fc.assert(
    fc.property(oneBad, ({ size, failing, seed }) => {
      const random = seededRandom(seed);
      const fleet = fleetOf(size);
      const accused = new Set<number>();
      for (let call = 0; call < 60; call += 1) {
        for (let slot = 0; slot < size; slot += 1) {
          const failed = random() < (slot === 0 ? failing : 0.02);
          if (fleet.settle(slot, failed ? BAD : GOOD) !== undefined) accused.add(slot);
        }
      }
      expect([...accused]).toEqual([0]);
    }),
    { numRuns: 100 },
  );
});
