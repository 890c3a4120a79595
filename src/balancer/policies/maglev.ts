// Optimises: affinity with even shares. Calls with equal `hashKey` go to the same endpoint, from every client; each endpoint owns as many
//   keys as any other of its weight; and none has more than 1.25 times its fair part of the calls in flight, or two.
// Wrong when: nothing is gained by affinity; and when few calls are in flight per client, because the bound is counted in this
//   client's own calls: with fewer in flight than endpoints, each may have two, and a key with more calls at a time spreads. Calls that
//   are made one after the other never do.
// Cold: a newcomer takes its keys over, slow start permitting. Few keys of others move as well: when one of 10 endpoints comes or goes,
//   0.2 % of all; of 100 or 1 000, 0.6 %.
// Recovers: at once. Keys of an endpoint that is full or may not take calls go to the owners of the next entries, who are as good as
//   random, so its load spreads; they come back with it.
// Source: Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016; Mirrokni, Thorup, Zadimoghaddam,
//   "Consistent Hashing with Bounded Loads", SODA 2018, https://arxiv.org/abs/1608.01350.
import { above, assertOptions, such } from "../../check-options.ts";
import { hashPolicy } from "../hashing/hash-picker.ts";
import { maglevTable } from "../hashing/maglev-table.ts";
import type { Policy } from "../policy.ts";

/** Options of `maglev`. */
export interface MaglevOptions {
  /**
   * Entries in the table, a prime number up to 5 000 011. Shares are even to within one entry, so 100 times as many as endpoints
   * make 1 %. Default 65 537, as in Envoy.
   */
  readonly tableSize?: number | undefined;
  /**
   * How much of its fair part of the calls in flight an endpoint may have before calls go on to the next, > 1. Default 1.25; Infinity
   * for strict affinity. Equivalent to Envoy's `hash_balance_factor` in hundredths.
   */
  readonly boundedLoad?: number | undefined;
}

const MAX_TABLE_SIZE = 5_000_011;

/**
 * The owner of the call's `hashKey` in a Maglev table; without a key, of a random entry. Owners are the same as in Envoy.
 * A label `hash_key` on an endpoint takes the place of its address.
 */
export function maglev(options: MaglevOptions = {}): Policy {
  const { tableSize = 65_537, boundedLoad = 1.25 } = assertOptions("maglev", options, {
    tableSize: such(`a prime number up to ${MAX_TABLE_SIZE}`, isPrime),
    boundedLoad: above(1),
  });
  return hashPolicy((members) => maglevTable(members, tableSize), boundedLoad);
}

function isPrime(candidate: unknown): boolean {
  if (typeof candidate !== "number" || !Number.isInteger(candidate) || candidate < 2 || candidate > MAX_TABLE_SIZE) return false;
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) {
    if (candidate % divisor === 0) return false;
  }
  return true;
}
