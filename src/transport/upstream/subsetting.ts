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

/** Of all endpoints, those that this client should know. */
export type Narrow = (endpoints: readonly Endpoint[]) => readonly Endpoint[];

export function narrowing({ size, clientId }: GivenSubset, zone: string | undefined, random: RandomSource): Narrow {
  const options = { size, clientId: clientId ?? String(random()), zone };
  return (endpoints) => subset(endpoints, options);
}
