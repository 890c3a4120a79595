import type { Endpoint, EndpointHealth, Locality } from "../endpoint.ts";
import { show } from "../show.ts";
import { isHost, splitHostPort, toPort } from "./host-port.ts";
import { plainEndpoint } from "./plain-endpoint.ts";

/**
 * An endpoint as a person writes it: `"10.0.0.1:80"`, `"[::1]:80"`, or an object with at least `address` and `port`.
 * Defaults: `id` address:port, `weight` 1, `priority` 0, `health` healthy, no `locality`, no `labels`.
 */
export type EndpointInput = string | (Pick<Endpoint, "address" | "port"> & Partial<Endpoint>);

const healths: readonly EndpointHealth[] = ["healthy", "unhealthy", "draining"];
const fields = ["id", "address", "port", "weight", "priority", "health", "locality", "labels"];
const maxTextLength = 256;
const maxLabels = 64;
/** The bounds of xDS: a weight is a uint32, a priority at most 127. */
const maxWeight = 2 ** 32 - 1;
const maxPriority = 127;

/**
 * Reads a list of {@link EndpointInput} that nobody has checked, and fills in the defaults.
 *
 * @param path where the list stands in its document, for errors; empty for the whole document
 * @throws TypeError that names the place: `endpoints[2].port: expected 1 to 65535, got 0`
 */
export function readEndpoints(value: unknown, path: string): readonly Endpoint[] {
  if (!Array.isArray(value)) throw unexpected(path, "a list of endpoints", value);
  const firstPaths = new Map<string, string>();
  return value.map((item: unknown, index) => {
    const itemPath = `${path}[${index}]`;
    const endpoint = readEndpoint(item, itemPath);
    const firstPath = firstPaths.get(endpoint.id);
    if (firstPath !== undefined) throw new TypeError(`${itemPath}: has the id of ${firstPath}, ${show(endpoint.id)}; ids must be unique`);
    firstPaths.set(endpoint.id, itemPath);
    return endpoint;
  });
}

/** Whether the value is a plain JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The error of a field that is not what it should be. */
export function unexpected(path: string, expected: string, got: unknown): TypeError {
  return new TypeError(`${path === "" ? "document" : path}: expected ${expected}, got ${show(got)}`);
}

/** Refuses fields with other names than the known ones: more likely a slip of the pen than a wish. */
export function refuseUnknownFields(object: object, known: readonly string[], path: string): void {
  const unknown = Object.keys(object).find((field) => !known.includes(field));
  if (unknown === undefined) return;
  throw new TypeError(`${path === "" ? "document" : path}: unknown field ${show(unknown)}; known are ${known.join(", ")}`);
}

function readEndpoint(value: unknown, path: string): Endpoint {
  if (typeof value === "string") return readText(value, path);
  if (!isObject(value)) throw unexpected(path, `"host:port" or an object`, value);
  refuseUnknownFields(value, fields, path);
  const address = readAddress(value.address, `${path}.address`);
  const port = readNumber(value.port, `${path}.port`, "1 to 65535", (n) => Number.isInteger(n) && n >= 1 && n <= 65535);
  const plain = plainEndpoint(address, port);
  const { id, weight, priority, health, locality, labels } = value;
  return {
    ...plain,
    id: id === undefined ? plain.id : readName(id, `${path}.id`),
    weight: weight === undefined ? plain.weight : readWeight(weight, `${path}.weight`),
    priority: priority === undefined ? plain.priority : readPriority(priority, `${path}.priority`),
    health: health === undefined ? plain.health : readHealth(health, `${path}.health`),
    ...(locality === undefined ? {} : { locality: readLocality(locality, `${path}.locality`) }),
    labels: labels === undefined ? plain.labels : readLabels(labels, `${path}.labels`),
  };
}

function readText(text: string, path: string): Endpoint {
  const { host, port } = splitHostPort(text) ?? { host: "", port: undefined };
  const number = toPort(port ?? "");
  if (!isHost(host) || number === undefined) {
    throw unexpected(path, `"host:port" with a port from 1 to 65535, IPv6 in brackets`, text);
  }
  return plainEndpoint(host, number);
}

function readAddress(value: unknown, path: string): string {
  if (typeof value !== "string" || !isHost(value)) throw unexpected(path, "an IP address or a host name", value);
  return value;
}

function readNumber(value: unknown, path: string, expected: string, accepts: (value: number) => boolean): number {
  if (typeof value !== "number" || !accepts(value)) throw unexpected(path, expected, value);
  return value;
}

function readWeight(value: unknown, path: string): number {
  return readNumber(value, path, `above 0 to ${maxWeight}`, (n) => n > 0 && n <= maxWeight);
}

function readPriority(value: unknown, path: string): number {
  return readNumber(value, path, `a whole number from 0 to ${maxPriority}`, (n) => Number.isInteger(n) && n >= 0 && n <= maxPriority);
}

function readHealth(value: unknown, path: string): EndpointHealth {
  const health = healths.find((known) => known === value);
  if (health === undefined) throw unexpected(path, healths.join(", "), value);
  return health;
}

function readLocality(value: unknown, path: string): Locality {
  if (!isObject(value)) throw unexpected(path, "an object with region and zone", value);
  refuseUnknownFields(value, ["region", "zone"], path);
  return { region: readName(value.region, `${path}.region`), zone: readName(value.zone, `${path}.zone`) };
}

function readLabels(value: unknown, path: string): Readonly<Record<string, string>> {
  if (!isObject(value)) throw unexpected(path, "an object of texts", value);
  const entries = Object.entries(value);
  if (entries.length > maxLabels) throw unexpected(path, `at most ${maxLabels} labels`, entries.length);
  // Without a prototype, so that a label `__proto__` is a label and looking up `constructor` finds nothing.
  const labels: Record<string, string> = Object.create(null);
  for (const [key, label] of entries) {
    labels[readName(key, path)] = readName(label, `${path}[${show(key)}]`);
  }
  return labels;
}

function readName(value: unknown, path: string): string {
  // Names end up in logs and metrics: control characters have no business there.
  if (typeof value !== "string" || value === "" || value.length > maxTextLength || /\p{Cc}/u.test(value)) {
    throw unexpected(path, `1 to ${maxTextLength} characters, none of them control characters`, value);
  }
  return value;
}
