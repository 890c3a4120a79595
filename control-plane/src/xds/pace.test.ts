import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

test("lets in so many at once, and the others at the rate", () => {
  const pace = new Pace(10, 3);
  expect(Array.from({ length: 6 }, () => Math.round(pace.next(1_000)))).toEqual([0, 0, 0, 100, 200, 300]);
  expect(Math.round(pace.next(1_300))).toBe(100);
  expect(Array.from({ length: 4 }, () => Math.round(pace.next(60_000)))).toEqual([0, 0, 0, 100]);
});
