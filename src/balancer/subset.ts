import { assertChecked, optionsOf, required, text, whole } from "../check-options.ts";
import type { Endpoint } from "../endpoint.ts";
import { Word64 } from "./hashing/word64.ts";
import { xxh64 } from "./hashing/xxh64.ts";
import { isForZone } from "./levels/border.ts";

/** Which part of the endpoints a client knows. */
export interface SubsetOptions {
  /** How many healthy endpoints of each group are kept, a whole number >= 1. */
  readonly size: number;
  /** What tells this client from others, such as the pod's name. The same client keeps the same subset, also after a restart. */
  readonly clientId: string;
  /** The client's own zone: `size` endpoints of it are kept, and `size` of all others. Default: zones don't matter. */
  readonly zone?: string | undefined;
}

export const subsetSize = required(whole(1));

const check = optionsOf<SubsetOptions>({ size: subsetSize, clientId: required(text), zone: text });

/**
 * The endpoints that one of many clients should know, so that not each of 10,000 clients has a session to each of 10,000 servers. Of each
 * group, that is a priority, and within it the client's own zone or all others, it keeps the `size` healthy ones that rank highest by
 * rendezvous hashing.
 *
 * - Stable: when an endpoint comes or goes, only clients that get or had it change, by one endpoint. No memory is needed for it.
 * - Even, as far as independent choices can be. Of 100 endpoints, 20 for each client, the one that most clients have is had by 1.16
 *   times the mean with 1,000 clients, and the one that fewest have by 0.85; with 100 clients 1.55 and 0.55, with 10,000 1.06 and 0.96.
 * - An endpoint that is unhealthy or draining takes no place: the next healthy one joins. As long as it is listed it stays, so that its
 *   calls end in peace, and the share of healthy ones, which panic and fallback look at, is that of the whole set. At most `size` of
 *   them stay.
 *
 * Weights do not matter: a client gives an endpoint its part of the calls by weight, once it knows it. Endpoints keep their order.
 *
 * @throws ConfigurationError for an option that can't be used
 * @see https://github.com/grpc/proposal/blob/master/A68-random-subsetting.md
 */
export function subset(endpoints: readonly Endpoint[], options: SubsetOptions): readonly Endpoint[] {
  const { size, clientId, zone } = assertChecked(options, check, "subset");
  const groups = Map.groupBy(endpoints, (endpoint) => `${endpoint.priority} ${zone !== undefined && isForZone(endpoint, zone)}`);
  const kept = new Set<Endpoint>();
  for (const group of groups.values()) keep(group.length > size ? ranked(group, clientId) : group, size, kept);
  return endpoints.filter((endpoint) => kept.has(endpoint));
}

/** Keeps endpoints from the top down to the last healthy one that has a place. */
function keep(group: readonly Endpoint[], size: number, kept: Set<Endpoint>): void {
  let healthy = 0;
  let others = 0;
  for (const endpoint of group) {
    if (healthy === size) return;
    if (endpoint.health === "healthy") healthy += 1;
    else if (others < size) others += 1;
    else continue;
    kept.add(endpoint);
  }
}

/** In an order that is the client's own, and in which endpoints stay in place when others come and go. */
function ranked(group: readonly Endpoint[], clientId: string): readonly Endpoint[] {
  const seed = xxh64(clientId, new Word64());
  const hash = new Word64();
  const ranks = group.map((endpoint) => ({ endpoint, rank: xxh64(endpoint.id, hash, seed).top53() }));
  ranks.sort((a, b) => a.rank - b.rank || (a.endpoint.id < b.endpoint.id ? -1 : 1));
  return ranks.map(({ endpoint }) => endpoint);
}
