import { expect, test } from "vitest";
import { show } from "./show.ts";

const circle: { self?: unknown } = {};
circle.self = circle;

test.each<[unknown, string]>([
  [undefined, "nothing"],
  [null, "null"],
  ["a\nb", '"a\\nb"'],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [{ port: 80 }, '{"port":80}'],
  ["x".repeat(200), `"${"x".repeat(79)}…`],
  [() => 7, "a function"],
  [Promise.resolve(), "a promise"],
  [Symbol("s"), "symbol"],
  [7n, "7"],
  [circle, "an object"],
])("an error shows %o as %s", (value, shown) => {
  expect(show(value)).toBe(shown);
});
