import type { Endpoint } from "../endpoint.ts";
import { isObject } from "../is-object.ts";
import { refuseUnknownFields, unexpected } from "./endpoint-fields.ts";
import { readEndpoints } from "./endpoint-input.ts";

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
  refuseUnknownFields(document, ["endpoints"], "");
  return readEndpoints(document.endpoints, "endpoints");
}
