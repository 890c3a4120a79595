import { subset } from "../../balancer/subset.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { RandomSource } from "../../random-source.ts";

/** How many of the endpoints a client knows. */
export interface GivenSubset {
  /** How many healthy endpoints of each priority, a whole number >= 1. */
  readonly size: number;
  /** What tells this client from others, such as the pod's name. Default: drawn by chance for each transport. */
  readonly clientId?: string | undefined;
}

/** Of all endpoints, those that this client should know. */
export type Narrow = (endpoints: readonly Endpoint[]) => readonly Endpoint[];

/** @throws TypeError for a size that makes no sense */
export function narrowing({ size, clientId }: GivenSubset, zone: string | undefined, random: RandomSource): Narrow {
  if (!Number.isInteger(size) || size < 1) throw new TypeError(`subset.size ${size} is out of range; choose a whole number, 1 or more`);
  const options = { size, clientId: clientId ?? String(random()), zone };
  return (endpoints) => subset(endpoints, options);
}
