import type { Lookup, Resolution } from "./resolution.ts";
import { endpointsKind } from "./xds-kinds.ts";

/**
 * Adds the zone of this client, as far as the control plane knows the node that it runs on. Ours names it in endpoints of the node, which has none. Nobody waits
 * for it: another control plane never answers.
 */
export function withOwnZone(
  node: string,
  resolve: (lookup: Lookup, name: string) => Resolution,
): (lookup: Lookup, name: string) => Resolution {
  return (lookup, name) => {
    const known = lookup(endpointsKind, `node/${node}`);
    const zone = known.kind === "found" ? known.value.place?.zone : undefined;
    const resolution = resolve(lookup, name);
    return resolution.kind !== "resolved" || zone === undefined ? resolution : { ...resolution, config: { ...resolution.config, zone } };
  };
}
