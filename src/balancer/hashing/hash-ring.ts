import type { Member } from "../member.ts";
import { byName, type HashTable, nameOf } from "./hash-table.ts";
import { Word64 } from "./word64.ts";
import { xxh64 } from "./xxh64.ts";

/**
 * Members on a circle of hashes, each at points of its own, as many as its weight deserves. A key belongs to the first point at or
 * after its own hash.
 *
 * Points lie where Envoy and gRPC put them, at XXH64 of `name_0`, `name_1`, ..., so that all of them agree on who owns a key.
 *
 * @param minSize the ring has at least so many points, and the lightest member a whole number of them
 * @param maxSize and at most so many, or one for each member if they are more. A member that is very light then may have none.
 */
export function hashRing(members: readonly Member[], minSize: number, maxSize: number): HashTable {
  const points = pointsOf(byName(members), minSize, Math.max(maxSize, members.length));
  points.sort((a, b) => a.hash - b.hash);
  const hashes = Float64Array.from(points, ({ hash }) => hash);
  const owners = points.map(({ owner }) => owner);
  return {
    size: points.length,
    placeOf: (hash) => placeIn(hashes, hash.top53()),
    ownerAt: (place) => owners[place] as Member,
  };
}

/** Where the first hash stands that is not below the key, on a circle. */
function placeIn(hashes: Float64Array, key: number): number {
  let from = 0;
  let to = hashes.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((hashes[middle] as number) < key) from = middle + 1;
    else to = middle;
  }
  return from === hashes.length ? 0 : from;
}

/** Of the upper 53 bits of its hash. */
interface Point {
  readonly hash: number;
  readonly owner: Member;
}

function pointsOf(members: readonly Member[], minSize: number, maxSize: number): Point[] {
  const totalWeight = members.reduce((sum, { endpoint }) => sum + endpoint.weight, 0);
  const leastShare = members.reduce((least, { endpoint }) => Math.min(least, endpoint.weight / totalWeight), 1);
  const size = Math.min(Math.ceil(leastShare * minSize) / leastShare, maxSize);
  const points: Point[] = [];
  const hash = new Word64();
  // A running sum of what is due, so that shares that are no whole numbers of points add up to the ring's size.
  let due = 0;
  for (const owner of members) {
    due += size * (owner.endpoint.weight / totalWeight);
    const name = nameOf(owner);
    for (let index = 0; points.length < due; index += 1) {
      points.push({ hash: xxh64(`${name}_${index}`, hash).top53(), owner });
    }
  }
  return points;
}
