import { ConfigurationError } from "../configuration-error.ts";
import type { Endpoint } from "../endpoint.ts";
import { isObject } from "../is-object.ts";
import { show } from "../show.ts";
import {
  readAddress,
  readHealth,
  readLocality,
  readName,
  readPort,
  readPriority,
  readWeight,
  refuseUnknownFields,
  unexpected,
} from "./endpoint-fields.ts";
import { isHost, splitHostPort, toPort } from "./host-port.ts";
import { plainEndpoint } from "./plain-endpoint.ts";

/**
 * An endpoint as a person writes it: `"10.0.0.1:80"`, `"[::1]:80"`, or an object with at least `address` and `port`.
 * Defaults: `id` address:port, `weight` 1, `priority` 0, `health` healthy, no `locality`, no `labels`.
 */
export type EndpointInput = string | (Pick<Endpoint, "address" | "port"> & Partial<Endpoint>);

const fields = ["id", "address", "port", "weight", "priority", "health", "locality", "labels"];
const maxLabels = 64;

/**
 * Reads a list of {@link EndpointInput} that nobody has checked, and fills in the defaults.
 *
 * @param path where the list stands in its document, for errors; empty for the whole document
 * @throws ConfigurationError that names the place: `endpoints[2].port: expected 1 to 65535, got 0`
 */
export function readEndpoints(value: unknown, path: string): readonly Endpoint[] {
  if (!Array.isArray(value)) throw unexpected(path, "a list of endpoints", value);
  const firstPaths = new Map<string, string>();
  return value.map((item: unknown, index) => {
    const itemPath = `${path}[${index}]`;
    const endpoint = readEndpoint(item, itemPath);
    const firstPath = firstPaths.get(endpoint.id);
    if (firstPath !== undefined)
      throw new ConfigurationError(`${itemPath}: has the id of ${firstPath}, ${show(endpoint.id)}; ids must be unique`);
    firstPaths.set(endpoint.id, itemPath);
    return endpoint;
  });
}

function readEndpoint(value: unknown, path: string): Endpoint {
  if (typeof value === "string") return readText(value, path);
  if (!isObject(value)) throw unexpected(path, `"host:port" or an object`, value);
  refuseUnknownFields(value, fields, path);
  const address = readAddress(value.address, `${path}.address`);
  const port = readPort(value.port, `${path}.port`);
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
