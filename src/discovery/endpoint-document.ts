import { assertChecked, optionsOf } from "../check-options.ts";
import type { Endpoint } from "../endpoint.ts";
import { isObject } from "../is-object.ts";
import { unexpected } from "./endpoint-fields.ts";
import { readEndpoints } from "./endpoint-input.ts";

const check = optionsOf<{ endpoints?: unknown }>({ endpoints: () => [] });

/**
 * Reads a JSON document of endpoints: a list of them, or `{ "endpoints": [...] }`. Each is a text or an object
 * ({@link import("./endpoint-input.ts").EndpointInput}):
 *
 * ```json
 * { "endpoints": ["10.0.0.1:80", { "address": "10.0.0.2", "port": 80, "weight": 2, "labels": { "shard": "7" } }] }
 * ```
 *
 * @throws SyntaxError if it is not JSON, ConfigurationError that names the field which is wrong
 */
export function readEndpointDocument(text: string): readonly Endpoint[] {
  const document: unknown = JSON.parse(text);
  if (Array.isArray(document)) return readEndpoints(document, "");
  if (!isObject(document)) throw unexpected("", `a list of endpoints or { "endpoints": [...] }`, document);
  return readEndpoints(assertChecked<{ endpoints?: unknown }>(document, check).endpoints, "endpoints");
}
