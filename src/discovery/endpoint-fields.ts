import { type Check, number, type OptionChecks, oneOf, required, such, whole } from "../check-options.ts";
import { ConfigurationError, expected } from "../configuration-error.ts";
import type { Endpoint, Locality } from "../endpoint.ts";
import { isObject } from "../is-object.ts";
import { show } from "../show.ts";
import { isHost } from "./host-port.ts";

const maxTextLength = 256;

/** Names end up in logs and metrics: control characters have no business there. */
export const checkName = such<string>(
  `1 to ${maxTextLength} characters, none of them control characters`,
  (value) => typeof value === "string" && value !== "" && value.length <= maxTextLength && !/\p{Cc}/u.test(value),
);

export const localityChecks: OptionChecks<Locality> = { region: required(checkName), zone: required(checkName) };

/** Weight and priority have the bounds of xDS: a uint32, and at most 127. */
export const fieldChecks: OptionChecks<Pick<Endpoint, "address" | "port" | "weight" | "priority" | "health">> = {
  address: required(such("an IP address or a host name", (value) => typeof value === "string" && isHost(value))),
  port: required(whole(1, 65_535)),
  weight: number({ above: 0, to: 2 ** 32 - 1 }),
  priority: whole(0, 127),
  health: oneOf("healthy", "unhealthy", "draining"),
};

/** @param check of names and values */
export function labelsOf(check: Check<string>, most = Infinity): Check<Endpoint["labels"]> {
  return (value, path) => {
    if (!isObject(value)) return [expected(path, "an object of texts", value)];
    const entries = Object.entries(value);
    if (entries.length > most) return [expected(path, `at most ${most} labels`, entries.length)];
    return entries.flatMap(([key, label]) => [...check(key, path), ...check(label, `${path}[${show(key)}]`)]);
  };
}

/** The error of a field that is not what it should be. */
export function unexpected(path: string, what: string, got: unknown): ConfigurationError {
  return new ConfigurationError(expected(path || "document", what, got));
}
