import type { LocalityLbEndpoints } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { isObject } from "../../is-object.ts";
import type { ServiceConfig } from "../../service-config.ts";
import { readMetadata } from "./proto-fields.ts";

/** A control plane that is newer than this client may say more. */
const known = ["policy", "ejection", "slowStart", "limits", "retry", "affinity"] as const satisfies readonly (keyof ServiceConfig)[];

/**
 * How a service is called, in our own names, as our control plane says it along with the endpoints: in the metadata of the first locality, which nobody else
 * reads. Whoever uses it checks it.
 */
export function toOwnConfig([first]: readonly LocalityLbEndpoints[]): ServiceConfig | undefined {
  const { config } = readMetadata(first?.metadata, "meshless");
  if (!isObject(config)) return undefined;
  return Object.fromEntries(known.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]])));
}
