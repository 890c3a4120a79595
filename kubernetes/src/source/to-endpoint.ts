import type { Endpoint } from "meshless";
import type { ServiceEndpoint } from "../services/watched-service.ts";

/** One that stays is the same object to the end. */
const known = new WeakMap<ServiceEndpoint, Endpoint>();

export function toEndpoint(endpoint: ServiceEndpoint): Endpoint {
  const made = known.get(endpoint) ?? located(endpoint);
  known.set(endpoint, made);
  return made;
}

/** Zones alone are compared, but a place has both parts. */
function located({ region, zone, node, ...rest }: ServiceEndpoint): Endpoint {
  const labels = node === "" ? rest.labels : { ...rest.labels, node };
  return { ...rest, labels, ...(zone !== "" && { locality: { region: region || "unknown", zone } }) };
}
