// Optimises: affinity. Calls with equal `hashKey` go to the same endpoint, from every client, as long as it is there: for caches, and
//   for state that is dear to load. The ring is that of Envoy and gRPC, point for point: clients of all three agree on who owns a key.
// Wrong when: nothing is gained by affinity; when some keys are hot, since a hot key is a hot endpoint (`boundedLoad` answers that);
//   and when shares must be even: with 1 024 points the greatest of 10 endpoints' is 1.1 times the mean, of 100, 1.8. `maglev` has
//   neither trouble.
// Cold: a newcomer takes its keys over, slow start permitting. Some keys of others move as well where the points per endpoint change with
//   the number of endpoints: 9 % of all with 10 endpoints, 3 % with 20, none with 50.
// Recovers: at once. Keys of an endpoint that may not take calls go to the next on the ring, and come back with it.
// Source: gRFC A42 and A76, https://github.com/grpc/proposal/blob/master/A42-xds-ring-hash-lb-policy.md; Karger et al., "Consistent Hashing
//   and Random Trees", STOC 1997.
import { above, assertChecked, assertOptions, whole } from "../../check-options.ts";
import { hashPolicy } from "../hashing/hash-picker.ts";
import { hashRing } from "../hashing/hash-ring.ts";
import type { Policy } from "../policy.ts";

/** Options of `ringHash`. */
export interface RingHashOptions {
  /** The ring has at least so many points, a whole number >= 1. More make shares more even. Default 1 024, as in Envoy and gRPC. */
  readonly minRingSize?: number | undefined;
  /**
   * At most so many points, whatever the weights, or one for each endpoint if they are more; a whole number up to 8 388 608.
   * Default 4 096, as in gRPC: a ring is built anew with each change of the set, at about 1 µs a point.
   */
  readonly maxRingSize?: number | undefined;
  /**
   * How much of its fair part of the calls in flight an endpoint may have before calls go on to the next, > 1.
   * Default Infinity, as in gRPC. 1.25 is usual; equivalent to 125 as Envoy's `hash_balance_factor`.
   */
  readonly boundedLoad?: number | undefined;
}

const ringSize = (from: number) => whole(from, 8_388_608);

/**
 * The owner of the call's `hashKey` on a hash ring; without a key, of a random point. Owners are the same as in Envoy and gRPC.
 * A label `hash_key` on an endpoint takes the place of its address.
 */
export function ringHash(options: RingHashOptions = {}): Policy {
  const { minRingSize = 1_024, maxRingSize = Math.max(4_096, minRingSize), boundedLoad = Infinity } = options;
  assertOptions("ringHash", options, { minRingSize: ringSize(1), maxRingSize: ringSize(1), boundedLoad: above(1) });
  assertChecked(maxRingSize, ringSize(minRingSize), "ringHash.maxRingSize");
  return hashPolicy((members) => hashRing(members, minRingSize, maxRingSize), boundedLoad);
}
