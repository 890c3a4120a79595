import type { Endpoint } from "../../endpoint.ts";

/**
 * By which id an endpoint is known among those of other clusters: its own, unless another endpoint has it there. Ids are the business of who made a cluster, so
 * that two may give the same.
 *
 * @param cluster that it is of
 */
export function idAmong(others: ReadonlyMap<string, Endpoint>, { id, address, port }: Endpoint, cluster: string): string {
  const other = others.get(id);
  const isOther = other !== undefined && (other.address !== address || other.port !== port);
  return isOther ? `${cluster} ${id}` : id;
}
