import type { Check } from "./checks.ts";
import { ConfigurationError, expected } from "./configuration-error.ts";
import { isObject } from "./is-object.ts";
import { nearest } from "./nearest.ts";

/** A check for each option, and for nothing else: an option without one does not compile. */
export type OptionChecks<Options> = { readonly [Name in keyof Options]-?: Check<Exclude<Options[Name], undefined>> };

/**
 * A check of options. What is undefined is not given.
 *
 * @param checks by option
 * @param others what other options there may be: `none`, or `any` where they belong to somebody else
 */
export function optionsOf<Options>(checks: OptionChecks<Options>, others: "none" | "any" = "none"): Check<Options> {
  const known = Object.keys(checks) as (keyof Options & string)[];
  return (value, path) => {
    if (!isObject(value)) return [expected(path || "options", "an object of options", value)];
    const inside = (name: string) => (path === "" ? name : `${path}.${name}`);
    const unknown = others === "any" ? [] : Object.keys(value).filter((name) => !Object.hasOwn(checks, name));
    return [
      ...unknown.map((name) => `${inside(name)}: unknown option; ${adviceFor(name, known)}`),
      ...known.flatMap((name) => (value[name] !== undefined || checks[name].isRequired ? checks[name](value[name], inside(name)) : [])),
    ];
  };
}

function adviceFor(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === undefined ? `known are ${known.join(", ")}` : `did you mean ${meant}?`;
}

/** @throws ConfigurationError unless the check finds nothing wrong */
export function assertChecked<T>(value: T, check: Check<NoInfer<T>>, path = ""): T {
  const problems = check(value, path);
  if (problems.length > 0) throw new ConfigurationError(problems.join("\n"));
  return value;
}
