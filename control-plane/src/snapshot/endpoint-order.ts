import type { ServiceEndpoint } from "../service.ts";

type Ordered = Pick<ServiceEndpoint, "address" | "port" | "id">;

/** By address, so that the endpoints of a service are in the same order on each replica. */
export function inOrder(a: Ordered, b: Ordered): number {
  return compare(a.address, b.address) || a.port - b.port || compare(a.id, b.id);
}

/** By code units: the language of a replica must not matter. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
