import { expect, test } from "vitest";
import { isOlder } from "./resource-version.ts";

test.each([
  ["9", "10", true],
  ["10", "9", false],
  ["10", "10", false],
  ["18446744073709551614", "18446744073709551615", true],
  ["", "1", false],
  ["a", "b", false],
  ["1", "b", false],
])("%j is older than %j: %s", (version, other, expected) => {
  expect(isOlder(version, other)).toBe(expected);
});
