import { expect, test } from "vitest";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Member } from "../member.ts";
import { OwnCalls } from "./own-calls.ts";

function membersOf(...members: readonly { readonly weight: number; readonly inFlight: number }[]): readonly Member[] {
  return members.map(
    ({ weight, inFlight }, slot) => ({ slot, endpoint: testEndpoint({ id: `${slot}`, weight }), inFlight }) as Partial<Member> as Member,
  );
}

test("nobody is there: no calls", () => {
  const own = new OwnCalls();
  own.membership([]);
  own.count(1);
  expect(own.mean).toBe(0);
  expect(Number.isFinite(own.meanWeight)).toBe(true);
});

test("the mean is by weight, and follows calls that begin and end", () => {
  const own = new OwnCalls();
  own.membership(membersOf({ weight: 1, inFlight: 2 }, { weight: 3, inFlight: 6 }));
  expect([own.mean, own.meanWeight]).toEqual([2, 2]);
  own.count(4);
  expect(own.mean).toBe(3);
  own.count(-4);
  expect(own.mean).toBe(2);
});

test("calls to members that left do not count on", () => {
  const own = new OwnCalls();
  own.membership(membersOf({ weight: 1, inFlight: 0 }, { weight: 1, inFlight: 0 }));
  own.count(10);
  own.membership(membersOf({ weight: 1, inFlight: 4 }));
  expect(own.mean).toBe(4);
});
