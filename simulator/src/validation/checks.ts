import { ScenarioError } from "./scenario-error.ts";

/** Throws a {@link ScenarioError} that names `path` unless the value is as it should be. */
export type Check = (value: unknown, path: string) => void;

export interface NumberRange {
  readonly above?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly whole?: boolean;
}

export function number(range: NumberRange = {}): Check {
  const { above = -Infinity, atLeast = -Infinity, atMost = Infinity, whole = false } = range;
  return (value, path) => {
    const fits = typeof value === "number" && Number.isFinite(value) && value > above && value >= atLeast && value <= atMost;
    if (!fits || (whole && !Number.isInteger(value))) fail(path, value, `give ${describeRange(range)}`);
  };
}

export const text: Check = (value, path) => {
  if (typeof value !== "string" || value === "") fail(path, value, "give a text that is not empty");
};

export const flag: Check = (value, path) => {
  if (typeof value !== "boolean") fail(path, value, "give true or false");
};

export function oneOf(...choices: readonly string[]): Check {
  return (value, path) => {
    if (!choices.includes(value as string)) fail(path, value, `give ${choices.join(" or ")}`);
  };
}

export function listOf(check: Check, atLeast = 0): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return fail(path, value, "give a list");
    if (value.length < atLeast) throw new ScenarioError(`${path} is empty: give at least one`);
    value.forEach((item, i) => check(item, `${path}[${i}]`));
  };
}

/** One check or another, by a look at the value. */
export function either(isFirst: (value: unknown) => boolean, first: Check, second: Check): Check {
  return (value, path) => (isFirst(value) ? first : second)(value, path);
}

/** Both, in order: the second can rely on the first. */
export function both(first: Check, second: Check): Check {
  return (value, path) => {
    first(value, path);
    second(value, path);
  };
}

/** An object with these fields, no others, and of these at least the required ones. What is undefined counts as left out. */
export function fields(required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check {
  const known = { ...required, ...optional };
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(path, value, "give an object with fields");
    const given = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(known, name))
        throw new ScenarioError(`${join(path, name)} is no known field: use ${Object.keys(known).join(", ")}`);
    }
    for (const name of Object.keys(required)) {
      if (given[name] === undefined) throw new ScenarioError(`${join(path, name)} is missing: add it`);
    }
    for (const [name, check] of Object.entries(known)) if (given[name] !== undefined) check(given[name], join(path, name));
  };
}

/** An object whose field `kind` says which other fields it has. */
export function kinds(checks: Readonly<Record<string, Check>>): Check {
  const kind = oneOf(...Object.keys(checks));
  return (value, path) => {
    const given = (value as { readonly kind?: unknown } | null | undefined)?.kind;
    kind(given, join(path, "kind"));
    (checks[given as string] as Check)(value, path);
  };
}

/** For rules between fields. `next`: what to do about it. */
export function demand(condition: boolean, path: string, value: unknown, next: string): void {
  if (!condition) fail(path, value, next);
}

function fail(path: string, value: unknown, next: string): never {
  throw new ScenarioError(`${path === "" ? "the scenario" : path} is ${show(value)}: ${next}`);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "number") return String(value);
  return JSON.stringify(value) ?? typeof value;
}

function describeRange({ above, atLeast, atMost, whole = false }: NumberRange): string {
  const bounds = [
    above === undefined ? "" : ` above ${above}`,
    atLeast === undefined ? "" : ` of at least ${atLeast}`,
    atMost === undefined ? "" : ` up to ${atMost}`,
  ].join("");
  return `a ${whole ? "whole " : ""}number${bounds}`;
}
