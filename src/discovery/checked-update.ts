import { assertChecked, durationMs, optionsOf, required, text } from "../check-options.ts";
import { ConfigurationError } from "../configuration-error.ts";
import type { Endpoint } from "../endpoint.ts";
import { isObject } from "../is-object.ts";
import type { ServiceConfig } from "../service-config.ts";
import { show } from "../show.ts";
import { checkName, fieldChecks, labelsOf, localityChecks, unexpected } from "./endpoint-fields.ts";
import type { EndpointUpdate } from "./endpoint-source.ts";

const noLabels = {};

/** A source's endpoints may have fields of its own. */
const check = optionsOf<Endpoint>(
  {
    ...fieldChecks,
    id: required(checkName),
    weight: required(fieldChecks.weight),
    priority: required(fieldChecks.priority),
    health: required(fieldChecks.health),
    locality: optionsOf(localityChecks, "any"),
    labels: labelsOf(text),
  },
  "any",
);

/** Sets whose maker has checked each endpoint, and shows them to nobody who might change them. */
const vouched = new WeakSet<readonly Endpoint[]>();

/** Spares a set of 10,000 endpoints the check at each update, which would take longer than all the rest. */
export function vouchFor(endpoints: readonly Endpoint[]): void {
  vouched.add(endpoints);
}

/**
 * Checks an update of a source that a user may have written. Valid endpoints are kept as the same objects, extra fields included; missing
 * labels become an empty set.
 *
 * @throws ConfigurationError that names the endpoint and the field: `endpoints[2] ("pod-7").port: expected a whole number from 1 to 65535, got 0`
 */
export function checkUpdate(update: unknown): EndpointUpdate {
  if (!isObject(update)) throw unexpected("update", "an object with endpoints", update);
  const { endpoints, exists = true, config, snapshotAgeMs } = update;
  if (typeof exists !== "boolean") throw unexpected("exists", "true or false", exists);
  if (!exists) return { exists };
  if (!Array.isArray(endpoints)) throw unexpected("endpoints", "a list of endpoints", endpoints);
  const checked = vouched.has(endpoints) ? endpoints : checkEndpoints(endpoints);
  // Who uses the configuration checks it: it may be of no use though the endpoints are.
  if (snapshotAgeMs !== undefined) assertChecked(snapshotAgeMs as number, durationMs, "snapshotAgeMs");
  return { endpoints: checked, config: config as ServiceConfig | undefined, snapshotAgeMs: snapshotAgeMs as number | undefined };
}

function checkEndpoints(endpoints: readonly unknown[]): readonly Endpoint[] {
  const places = new Map<string, number>();
  // Not `map`, which would leave out what is missing in the list.
  return Array.from(endpoints, (endpoint: unknown, place) => checkEndpoint(endpoint, place, places));
}

/** @param places of those before it, by id */
function checkEndpoint(value: unknown, place: number, places: Map<string, number>): Endpoint {
  if (!isObject(value)) throw unexpected(`endpoints[${place}]`, "an endpoint", value);
  const id = assertChecked(value.id as string, checkName, `endpoints[${place}].id`);
  const path = `endpoints[${place}] (${show(id)})`;
  const same = places.get(id);
  if (same !== undefined) throw new ConfigurationError(`${path}: has the id of endpoints[${same}]; ids must be unique`);
  places.set(id, place);
  const endpoint = assertChecked(value as unknown as Endpoint, check, path);
  return value.labels === undefined ? { ...endpoint, labels: noLabels } : endpoint;
}
