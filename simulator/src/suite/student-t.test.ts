import { expect, test } from "vitest";
import { studentT } from "./student-t.ts";

test.each([
  [1, 12.706],
  [2, 4.303],
  [4, 2.776],
  [9, 2.262],
  [10, 2.228],
  [11, 2.201],
  [15, 2.131],
  [30, 2.042],
  [60, 2.0],
  [120, 1.98],
])("with %i degrees of freedom, 95 % lie within %f standard errors, as printed tables say", (degreesOfFreedom, expected) => {
  expect(studentT(degreesOfFreedom)).toBeCloseTo(expected, 3);
});
