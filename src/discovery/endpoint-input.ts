import { assertChecked, givenOf, optionsOf } from "../check-options.ts";
import { ConfigurationError } from "../configuration-error.ts";
import type { Endpoint } from "../endpoint.ts";
import { isObject } from "../is-object.ts";
import { show } from "../show.ts";
import { checkName, fieldChecks, labelsOf, localityChecks, unexpected } from "./endpoint-fields.ts";
import { isHost, splitHostPort, toPort } from "./host-port.ts";
import { plainEndpoint } from "./plain-endpoint.ts";

/**
 * An endpoint as a person writes it: `"10.0.0.1:80"`, `"[::1]:80"`, or an object with at least `address` and `port`.
 * Defaults: `id` address:port, `weight` 1, `priority` 0, `health` healthy, no `locality`, no `labels`.
 */
export type EndpointInput = string | (Pick<Endpoint, "address" | "port"> & Partial<Endpoint>);

const check = optionsOf<Exclude<EndpointInput, string>>({
  id: checkName,
  ...fieldChecks,
  locality: optionsOf(localityChecks),
  labels: labelsOf(checkName, 64),
});

/**
 * Reads a list of {@link EndpointInput} that nobody has checked, and fills in the defaults.
 *
 * @param path where the list stands in its document, for errors; empty for the whole document
 * @throws ConfigurationError that names the place: `endpoints[2].port: expected a whole number from 1 to 65535, got 0`
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
  const { labels = {}, ...given } = assertChecked(value as unknown as Exclude<EndpointInput, string>, check, path);
  // Without a prototype, so that a label `__proto__` is a label and looking up `constructor` finds nothing.
  return { ...plainEndpoint(given.address, given.port), ...givenOf(given), labels: Object.assign(Object.create(null), labels) };
}

function readText(text: string, path: string): Endpoint {
  const { host, port } = splitHostPort(text) ?? { host: "", port: undefined };
  const number = toPort(port ?? "");
  if (!isHost(host) || number === undefined) {
    throw unexpected(path, `"host:port" with a port from 1 to 65535, IPv6 in brackets`, text);
  }
  return plainEndpoint(host, number);
}
