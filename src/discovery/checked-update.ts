import { ConfigurationError } from "../configuration-error.ts";
import type { Endpoint } from "../endpoint.ts";
import { isObject } from "../is-object.ts";
import { show } from "../show.ts";
import { readAddress, readHealth, readName, readPort, readPriority, readWeight, unexpected } from "./endpoint-fields.ts";
import type { EndpointUpdate } from "./endpoint-source.ts";

const noLabels = {};

/**
 * Checks an update of a source that a user may have written. Valid endpoints are kept as the same objects, extra fields included; missing
 * labels become an empty set.
 *
 * @throws ConfigurationError that names the endpoint and the field: `endpoints[2] ("pod-7").weight: expected above 0 to 4294967295, got -1`
 */
export function checkUpdate(update: unknown): EndpointUpdate {
  if (!isObject(update)) throw unexpected("update", "an object with endpoints and exists", update);
  const { endpoints, exists } = update;
  if (!Array.isArray(endpoints)) throw unexpected("endpoints", "a list of endpoints", endpoints);
  if (typeof exists !== "boolean") throw unexpected("exists", "true or false", exists);
  const places = new Map<string, number>();
  // Not `map`, which would leave out what is missing in the list.
  return { endpoints: Array.from(endpoints, (endpoint: unknown, place) => checkEndpoint(endpoint, place, places)), exists };
}

/** @param places of those before it, by id */
function checkEndpoint(value: unknown, place: number, places: Map<string, number>): Endpoint {
  if (!isObject(value)) throw unexpected(`endpoints[${place}]`, "an endpoint", value);
  const id = readName(value.id, `endpoints[${place}].id`);
  const path = `endpoints[${place}] (${show(id)})`;
  const same = places.get(id);
  if (same !== undefined) throw new ConfigurationError(`${path}: has the id of endpoints[${same}]; ids must be unique`);
  places.set(id, place);
  readAddress(value.address, `${path}.address`);
  readPort(value.port, `${path}.port`);
  readWeight(value.weight, `${path}.weight`);
  readPriority(value.priority, `${path}.priority`);
  readHealth(value.health, `${path}.health`);
  if (value.locality !== undefined) checkLocality(value.locality, `${path}.locality`);
  if (value.labels !== undefined) checkLabels(value.labels, `${path}.labels`);
  const endpoint = value as unknown as Endpoint;
  return value.labels === undefined ? { ...endpoint, labels: noLabels } : endpoint;
}

function checkLocality(value: unknown, path: string): void {
  if (!isObject(value)) throw unexpected(path, "an object with region and zone", value);
  readName(value.region, `${path}.region`);
  readName(value.zone, `${path}.zone`);
}

function checkLabels(value: unknown, path: string): void {
  if (!isObject(value)) throw unexpected(path, "an object of texts", value);
  for (const key of Object.keys(value)) {
    if (typeof value[key] !== "string") throw unexpected(`${path}[${show(key)}]`, "a text", value[key]);
  }
}
