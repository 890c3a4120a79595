import { subset, subsetSize } from "../../balancer/subset.ts";
import { optionsOf, text } from "../../check-options.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { RandomSource } from "../../random-source.ts";

/** How many of the endpoints a client knows. */
export interface GivenSubset {
  /** How many healthy endpoints of each priority, a whole number >= 1. */
  readonly size: number;
  /** What tells this client from others, such as the pod's name. Default: drawn by chance for each transport. */
  readonly clientId?: string | undefined;
}

export const checkSubset = optionsOf<GivenSubset>({ size: subsetSize, clientId: text });

/** Of all endpoints, those that a client in that zone should know. */
export type Narrow = (endpoints: readonly Endpoint[], zone: string | undefined) => readonly Endpoint[];

export function narrowing({ size, clientId }: GivenSubset, random: RandomSource): Narrow {
  const options = { size, clientId: clientId ?? String(random()) };
  return (endpoints, zone) => subset(endpoints, { ...options, zone });
}
