import { expect, expectTypeOf, test } from "vitest";
import {
  assertChecked,
  callable,
  durationMs,
  either,
  flag,
  having,
  list,
  number,
  type OptionChecks,
  oneOf,
  optionsOf,
  required,
  share,
  text,
} from "./check-options.ts";
import { ConfigurationError } from "./configuration-error.ts";

interface Inner {
  readonly size: number;
  readonly share?: number | undefined;
}

interface Outer {
  readonly inner?: Inner | false | undefined;
  readonly timeoutMs?: number | undefined;
}

const inner: OptionChecks<Inner> = { size: required(number({ from: 1, whole: true })), share };
const outer = optionsOf<Outer>({ inner: either("options or false", oneOf(false), optionsOf<Inner>(inner)), timeoutMs: durationMs() });

test("what is right, not given or undefined has no problems", () => {
  for (const given of [{}, { inner: false, timeoutMs: undefined }, { inner: { size: 1, share: 0.5 }, timeoutMs: Infinity }])
    expect(outer(given, "")).toEqual([]);
});

test("every problem is told, by its path", () => {
  expect(outer({ inner: { size: 1.5, share: 92 }, timeoutMs: "10s" }, "")).toEqual([
    "inner.size: expected a whole number, 1 or more, got 1.5",
    "inner.share: expected a number from 0 to 1, got 92; 92 % is 0.92",
    'timeoutMs: expected a number of milliseconds, 0 or more, got "10s"',
  ]);
  expect(outer({ inner: {} }, "made")).toEqual(["made.inner.size: expected a whole number, 1 or more, got nothing"]);
});

test.each([true, 7, "x", [], null])("%j in place of options or false is no options", (given) => {
  expect(outer({ inner: given }, "")).toEqual([`inner: expected options or false, got ${JSON.stringify(given)}`]);
});

test.each([null, 5, [], () => {}])("%j in place of all options is none", (given) => {
  expect(outer(given, "")).toEqual([expect.stringMatching(/^options: expected an object of options, got /)]);
});

test("an unknown option is a slip of the pen: the known one that is near, or all that are known", () => {
  expect(outer({ innner: false }, "")).toEqual(["innner: unknown option; did you mean inner?"]);
  expect(outer({ TimeOutMs: 1 }, "")).toEqual(["TimeOutMs: unknown option; did you mean timeoutMs?"]);
  expect(outer({ inner: { size: 1, colour: 1 } }, "")).toEqual(["inner.colour: unknown option; known are size, share"]);
  expect(outer({ toString: 1 }, "")).toEqual(["toString: unknown option; known are inner, timeoutMs"]);
});

test("options that belong to others pass, where there may be any", () => {
  expect(optionsOf<Inner>(inner, "any")({ size: 1, colour: 1 }, "")).toEqual([]);
});

test.each([
  [number({ above: 1 }), [1, NaN, "2", null], [1.01, Infinity], "a number above 1"],
  [number({ from: 1, to: 10, whole: true }), [0, 11, Infinity, 1.5], [1, 10], "a whole number from 1 to 10"],
  [durationMs({ above: 0 }), [0, -1, "1s", 5n], [0.5, Infinity], "a number of milliseconds above 0"],
  [flag, [0, "true", null], [true, false], "true or false"],
  [text, [7, null, ["a"]], ["", "a"], "a text"],
  [oneOf(4, 6), [5, "4", null], [4, 6], "4 or 6"],
  [callable(), ["f", {}, null], [() => {}], "a function"],
  [list("a list of texts", text), ["a", {}, null], [[], ["a"]], "a list of texts"],
  [having<{ now(): number }>("a clock", "now"), [() => 0, 7, null], [{ now: () => 0 }], "a clock"],
])("check %#", (check, wrong, right, what) => {
  for (const value of wrong) expect(check(value, "it")).toEqual([expect.stringContaining(`it: expected ${what}, got `)]);
  for (const value of right) expect(check(value, "it")).toEqual([]);
});

test("inside of lists and objects the place is named", () => {
  expect(list("texts", text)(["a", 7], "names")).toEqual(["names[1]: expected a text, got 7"]);
  expect(having<{ now(): number }>("a clock", "now")({ now: 7 }, "clock")).toEqual(["clock.now: expected a method, got 7"]);
});

test("thrown, problems are the lines of one ConfigurationError", () => {
  const given = { inner: false, timeoutMs: -1, ms: 1 } as const;
  expect(() => assertChecked<Outer>(given, outer)).toThrow(
    new ConfigurationError(
      "ms: unknown option; known are inner, timeoutMs\ntimeoutMs: expected a number of milliseconds, 0 or more, got -1",
    ),
  );
  expect(assertChecked<Outer>({ timeoutMs: 1 }, outer)).toEqual({ timeoutMs: 1 });
});

test("an option without a check, or with one for another type, does not compile", () => {
  expectTypeOf({ size: text }).not.toExtend<OptionChecks<Inner>>();
  expectTypeOf({ size: text, share }).not.toExtend<OptionChecks<Inner>>();
  expectTypeOf(inner).toExtend<OptionChecks<Inner>>();
});
