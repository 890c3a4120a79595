import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import { MutableMember } from "../members/mutable-member.ts";
import type { OutcomeKind } from "../outcome.ts";
import { type ConsecutiveFailuresOptions, consecutiveFailures, countFailuresInARow } from "./consecutive-failures.ts";

/** Members by slot; each outcome of one of them may draw an accusation. */
function fleetOf(size: number, options: ConsecutiveFailuresOptions = {}) {
  const accuser = consecutiveFailures(options)();
  const members = Array.from({ length: size }, (_, slot) => new MutableMember(testEndpoint({ id: `e${slot}` }), slot, 0));
  return (slot: number, kind: OutcomeKind, nowMs = 0): string | undefined => {
    const member = members[slot] as MutableMember;
    countFailuresInARow(member, kind);
    return accuser.onOutcome(member, testOutcome(kind), nowMs);
  };
}

test("accuses at the fifth failure in a row, timeouts included, and not before", () => {
  const settle = fleetOf(2);
  for (const kind of ["failure", "timeout", "failure", "timeout"] as const) expect(settle(0, kind)).toBeUndefined();
  expect(settle(0, "failure")).toBe("5 failures in a row");
  expect(settle(0, "failure")).toBe("6 failures in a row");
});

test("accuses at the fifth client error in a row, whatever failures come between", () => {
  const settle = fleetOf(2);
  for (const kind of ["clientError", "failure", "clientError", "overload", "clientError", "clientError"] as const)
    expect(settle(0, kind)).toBeUndefined();
  expect(settle(0, "clientError")).toBe("5 client errors in a row");
  settle(0, "success");
  for (let call = 0; call < 4; call += 1) expect(settle(0, "clientError")).toBeUndefined();
});

test("a client error is an answer, and ends a run of failures", () => {
  const settle = fleetOf(2);
  for (const kind of ["failure", "failure", "failure", "failure", "clientError"] as const) settle(0, kind);
  for (let call = 0; call < 4; call += 1) expect(settle(0, "failure")).toBeUndefined();
});

test("where most answers are client errors, five failures in a row are as many as elsewhere", () => {
  const settle = fleetOf(2);
  for (let call = 0; call < 1_000; call += 1) settle(1, call % 10 === 0 ? "success" : "clientError");
  for (let call = 0; call < 4; call += 1) expect(settle(0, "failure")).toBeUndefined();
  expect(settle(0, "failure")).toBe("5 failures in a row");
});

test.each([
  [0, 5],
  [1, 5],
  [10, 9],
  [50, 30],
  [90, 197],
])("where %i %% of the others' answers are client errors, it takes %i in a row", (percent, expected) => {
  const settle = fleetOf(2);
  let inARow = 1;
  for (; settle(0, "clientError") === undefined && inARow < 300; inARow += 1) {
    for (let call = 0; call < 1_000; call += 1) settle(1, call % 100 < percent ? "clientError" : "success");
  }
  expect(inARow).toBe(expected);
});

test("the number can be set", () => {
  expect(fleetOf(1, { failures: 1 })(0, "timeout")).toBe("1 failure in a row");
});

test("outcomes between the failures that are neither change nothing", () => {
  const settle = fleetOf(2);
  for (const kind of ["failure", "overload", "failure", "refused", "failure", "unreachable", "failure"] as const) settle(0, kind);
  expect(settle(0, "overload")).toBeUndefined();
  expect(settle(0, "failure")).toBe("5 failures in a row");
});

test.each([
  [0, 5],
  [5, 5],
  [10, 6],
  [20, 9],
  [50, 20],
  [80, 62],
])("where %i %% of the others' calls fail meanwhile, it takes %i in a row", (percent, expected) => {
  const settle = fleetOf(2);
  let inARow = 1;
  for (; settle(0, "failure") === undefined && inARow < 100; inARow += 1) {
    for (let call = 0; call < 1_000; call += 1) settle(1, call % 100 < percent ? "failure" : "success");
  }
  expect(inARow).toBe(expected);
});

test("what the others did before counts for ten seconds", () => {
  const settle = fleetOf(2);
  for (let call = 0; call < 1_000; call += 1) settle(1, call % 2 === 0 ? "failure" : "success");
  for (let call = 0; call < 6; call += 1) expect(settle(0, "failure", 9_999)).toBeUndefined();
  expect(settle(0, "failure", 10_000)).toBe("7 failures in a row");
});

test("what the others did since the run began counts, however long ago that was", () => {
  const settle = fleetOf(2);
  settle(0, "failure", 0);
  for (let call = 0; call < 1_000; call += 1) settle(1, "failure", 0);
  for (let call = 0; call < 20; call += 1) expect(settle(0, "failure", 60_000)).toBeUndefined();
});

test("who was forgotten is none of the others", () => {
  const accuser = consecutiveFailures()();
  const [broken, ejected] = [0, 1].map((slot) => new MutableMember(testEndpoint(), slot, 0)) as [MutableMember, MutableMember];
  const fail = (member: MutableMember) => {
    countFailuresInARow(member, "failure");
    return accuser.onOutcome(member, testOutcome("failure"), 0);
  };
  for (let call = 0; call < 5; call += 1) fail(ejected);
  for (let call = 0; call < 5; call += 1) expect(fail(broken)).toBeUndefined();
  accuser.forget?.(ejected);
  expect(fail(broken)).toBe("6 failures in a row");
});

test.each([2, 3, 10, 100])("when all of %i endpoints fail from one moment on, nobody is ever accused", (size) => {
  const settle = fleetOf(size);
  const random = seededRandom(7);
  const slot = () => Math.floor(random() * size);
  for (let call = 0; call < 10_000; call += 1) settle(slot(), "success");
  const accusations = Array.from({ length: 10_000 }, () => settle(slot(), "failure"));
  expect(accusations.filter((accusation) => accusation !== undefined)).toEqual([]);
});

test("of ten endpoints six fail altogether: each of them is accused, and none of the four others", () => {
  const settle = fleetOf(10);
  const accused = new Set<number>();
  for (let round = 0; round < 40; round += 1) {
    for (let slot = 0; slot < 10; slot += 1) if (settle(slot, slot < 6 ? "failure" : "success") !== undefined) accused.add(slot);
  }
  expect([...accused]).toEqual([0, 1, 2, 3, 4, 5]);
});

test("at 20 % errors everywhere, chance makes a run of five 26 times in 100,000 calls, and an accusation 5 times at most", () => {
  for (let seed = 0; seed < 5; seed += 1) {
    const random = seededRandom(seed);
    const settle = fleetOf(10);
    let accusations = 0;
    for (let call = 0; call < 100_000; call += 1) {
      if (settle(Math.floor(random() * 10), random() < 0.2 ? "failure" : "success") !== undefined) accusations += 1;
    }
    expect(accusations).toBeLessThanOrEqual(5);
  }
});
