import { ConfigurationError, expected } from "../configuration-error.ts";
import type { EndpointHealth, Locality } from "../endpoint.ts";
import { isObject } from "../is-object.ts";
import { show } from "../show.ts";
import { isHost } from "./host-port.ts";

const healths: readonly EndpointHealth[] = ["healthy", "unhealthy", "draining"];
const maxTextLength = 256;
/** The bounds of xDS: a weight is a uint32, a priority at most 127. */
const maxWeight = 2 ** 32 - 1;
const maxPriority = 127;

/** The error of a field that is not what it should be. */
export function unexpected(path: string, what: string, got: unknown): ConfigurationError {
  return new ConfigurationError(expected(path || "document", what, got));
}

/** Refuses fields with other names than the known ones: most likely they are misspelt. */
export function refuseUnknownFields(object: object, known: readonly string[], path: string): void {
  const unknown = Object.keys(object).find((field) => !known.includes(field));
  if (unknown === undefined) return;
  throw new ConfigurationError(`${path || "document"}: unknown field ${show(unknown)}; known are ${known.join(", ")}`);
}

export function readAddress(value: unknown, path: string): string {
  if (typeof value !== "string" || !isHost(value)) throw unexpected(path, "an IP address or a host name", value);
  return value;
}

function readNumber(value: unknown, path: string, expected: string, accepts: (value: number) => boolean): number {
  if (typeof value !== "number" || !accepts(value)) throw unexpected(path, expected, value);
  return value;
}

export function readPort(value: unknown, path: string): number {
  return readNumber(value, path, "1 to 65535", (n) => Number.isInteger(n) && n >= 1 && n <= 65535);
}

export function readWeight(value: unknown, path: string): number {
  return readNumber(value, path, `above 0 to ${maxWeight}`, (n) => n > 0 && n <= maxWeight);
}

export function readPriority(value: unknown, path: string): number {
  return readNumber(value, path, `a whole number from 0 to ${maxPriority}`, (n) => Number.isInteger(n) && n >= 0 && n <= maxPriority);
}

export function readHealth(value: unknown, path: string): EndpointHealth {
  const health = healths.find((known) => known === value);
  if (health === undefined) throw unexpected(path, healths.join(", "), value);
  return health;
}

export function readLocality(value: unknown, path: string): Locality {
  if (!isObject(value)) throw unexpected(path, "an object with region and zone", value);
  refuseUnknownFields(value, ["region", "zone"], path);
  return { region: readName(value.region, `${path}.region`), zone: readName(value.zone, `${path}.zone`) };
}

export function readName(value: unknown, path: string): string {
  // Names end up in logs and metrics: control characters have no business there.
  if (typeof value !== "string" || value === "" || value.length > maxTextLength || /\p{Cc}/u.test(value)) {
    throw unexpected(path, `1 to ${maxTextLength} characters, none of them control characters`, value);
  }
  return value;
}
