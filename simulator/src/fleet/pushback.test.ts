import { expect, test } from "vitest";
import { Pushback } from "./pushback.ts";

/** How many of `calls` are turned away that find so many in flight. */
function bounced(pushback: Pushback, calls: number, inFlight: number, mayBounce = true): number {
  return Array.from({ length: calls }, () => pushback.bounces(mayBounce, inFlight)).filter(Boolean).length;
}

test("at its limit a server turns away who permits it, below it nobody", () => {
  const pushback = new Pushback(3);
  expect([2, 3, 4].map((inFlight) => bounced(pushback, 1, inFlight))).toEqual([0, 1, 1]);
  expect(bounced(pushback, 100, 9, false)).toBe(0);
});

test("of any n calls in a row, at most 10 + n / 2 are turned away", () => {
  const pushback = new Pushback(1);
  expect(bounced(pushback, 8, 9)).toBe(8);
  expect(bounced(pushback, 1000, 9)).toBeLessThanOrEqual(510 - 8 + 4);
  expect(bounced(pushback, 1000, 9)).toBe(500);
});

test("calls that are taken fill the bucket again", () => {
  const pushback = new Pushback(1);
  bounced(pushback, 1000, 9);
  bounced(pushback, 100, 0);
  expect(bounced(pushback, 10, 9)).toBe(10);
});
