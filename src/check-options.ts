import { ConfigurationError, expected } from "./configuration-error.ts";
import { isObject } from "./is-object.ts";
import { nearest } from "./nearest.ts";

/** Says what is wrong with a value, a line for each thing; nothing when all is well. */
export interface Check<T> {
  (value: unknown, path: string): readonly string[];
  readonly isRequired?: boolean;
  /** Never there: ties the check to the type of what it accepts. */
  readonly accepts?: T;
}

/** A check for each option, and for nothing else: an option without one does not compile. */
export type OptionChecks<Options> = { readonly [Name in keyof Options]-?: Check<Exclude<Options[Name], undefined>> };

/**
 * A check of options. What is undefined is not given.
 *
 * @param others what other options there may be: `none`, or `any` where they belong to somebody else
 */
export function optionsOf<Options>(checks: OptionChecks<NoInfer<Options>>, others: "none" | "any" = "none"): Check<Options> {
  const entries = Object.entries<Check<unknown>>(checks);
  const known = Object.keys(checks);
  return (value, path) => {
    if (!isObject(value)) return [expected(path || "options", "an object", value)];
    const before = path === "" ? "" : `${path}.`;
    const unknown = others === "any" ? [] : Object.keys(value).filter((name) => !Object.hasOwn(checks, name));
    const problems = unknown.map((name) => `${before}${name}: unknown; ${adviceFor(name, known)}`);
    for (const [name, check] of entries) {
      const given = value[name];
      if (given !== undefined || check.isRequired) problems.push(...check(given, before + name));
    }
    return problems;
  };
}

function adviceFor(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === undefined ? `known are ${known.join(", ")}` : `did you mean ${meant}?`;
}

/** Without what is undefined: spread over defaults, it would undo them. */
export function givenOf<T extends object>(options: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

/** @throws ConfigurationError unless all options are right */
export function assertOptions<Options>(path: string, given: Options, checks: OptionChecks<NoInfer<Options>>): Options {
  return assertChecked(given, optionsOf<Options>(checks), path);
}

/** @throws ConfigurationError unless the check finds nothing wrong */
export function assertChecked<T>(value: T, check: Check<NoInfer<T>>, path = ""): T {
  const problems = check(value, path);
  if (problems.length > 0) throw new ConfigurationError(problems.join("\n"));
  return value;
}

interface Range {
  readonly from?: number;
  /** In place of `from`: above it. */
  readonly above?: number;
  /** Default: no limit, and Infinity is a number too. */
  readonly to?: number | undefined;
  readonly unit?: string;
  readonly whole?: boolean;
  /** Added to the sentence. */
  readonly hint?: (value: unknown) => string;
}

/** @param what it is, as in "expected true or false" */
export function such<T>(what: string, accepts: (value: unknown) => boolean, hint?: Range["hint"]): Check<T> {
  return (value, path) => (accepts(value) ? [] : [expected(path, what, value) + (hint?.(value) ?? "")]);
}

export function number(range: Range): Check<number> {
  const { from = -Infinity, above = -Infinity, to = Infinity, whole = false } = range;
  const isInRange = (value: unknown) => typeof value === "number" && value >= from && !(value <= above) && value <= to;
  return such(nameOf(range), (value) => isInRange(value) && (!whole || value === Infinity || Number.isInteger(value)), range.hint);
}

function nameOf({ from, above, to, unit, whole = false }: Range): string {
  const noun = `a ${whole ? "whole " : ""}number${unit === undefined ? "" : ` of ${unit}`}`;
  if (above !== undefined) return `${noun} above ${above}${to === undefined ? "" : ` up to ${to}`}`;
  return to === undefined ? `${noun}, ${from} or more` : `${noun} from ${from} to ${to}`;
}

export const atLeast = (from: number): Check<number> => number({ from });

export const above = (bound: number): Check<number> => number({ above: bound });

export const whole = (from: number, to?: number): Check<number> => number({ from, to, whole: true });

/** Milliseconds, 0 or more; Infinity is "never". */
export const durationMs = number({ from: 0, unit: "milliseconds" });

/** More than 0 of them. */
export const someMs = number({ above: 0, unit: "milliseconds" });

/** A part of 1. Some write it in percent: the sentence says what that is. */
export const share = number({
  from: 0,
  to: 1,
  hint: (value) => (Number.isInteger(value) && Number(value) > 1 && Number(value) <= 100 ? `; ${value} % is ${Number(value) / 100}` : ""),
});

export const flag: Check<boolean> = such("true or false", (value) => typeof value === "boolean");

export const text: Check<string> = such("a text", (value) => typeof value === "string");

export function oneOf<T extends string | number | boolean>(...values: readonly T[]): Check<T> {
  return such(values.map((value) => JSON.stringify(value)).join(" or "), (value) => values.includes(value as T));
}

export function callable<T>(what = "a function"): Check<T> {
  return such(what, (value) => typeof value === "function");
}

/** An object of any kind that has these methods. */
export function having<T extends object>(what: string, ...methods: readonly (keyof T & string)[]): Check<T> {
  return (value, path) => {
    if (!isObject(value)) return [expected(path, what, value)];
    return methods.flatMap((method) => callable("a method")(value[method], `${path}.${method}`));
  };
}

export function list<T>(what: string, of: Check<T>): Check<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return [expected(path, what, value)];
    return value.flatMap((item, place) => of(item, `${path}[${place}]`));
  };
}

/** For two kinds of values. What is wrong inside of an object is said by `other`. */
export function either<One, Other>(what: string, one: Check<One>, other: Check<Other>): Check<One | Other> {
  return (value, path) => {
    const problems = one(value, path).length === 0 ? [] : other(value, path);
    return problems.length === 0 || isObject(value) ? problems : [expected(path, what, value)];
  };
}

/** What can be turned off. */
export function orFalse<Options>(options: Check<Options>): Check<Options | false> {
  return either("options or false", oneOf(false), options);
}

export function required<T>(check: Check<T>): Check<T> {
  return Object.assign((value: unknown, path: string) => check(value, path), { isRequired: true });
}
