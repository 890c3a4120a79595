import type { JsonValue } from "@bufbuild/protobuf";
import { resourceTypes } from "../resource.ts";
import type { Catalog } from "../snapshot/catalog.ts";
import { resourceJson } from "../snapshot/resource-json.ts";

/** The resources of a name, by their type. Undefined if there are none. */
export function resourcesOf(catalog: Catalog, name: string): Readonly<Record<string, JsonValue>> | undefined {
  const entries = resourceTypes.flatMap((type) => {
    const resource = catalog.get(type, name);
    return resource === undefined ? [] : [[type, { version: resource.version, resource: resourceJson(resource) }] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
