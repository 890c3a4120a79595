import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Member } from "../member.ts";
import { hashRing } from "./hash-ring.ts";
import type { HashTable } from "./hash-table.ts";
import { Word64 } from "./word64.ts";
import { xxh64 } from "./xxh64.ts";

const KEYS = 20_000;

function member(port: number, weight = 1, labels: Record<string, string> = {}): Member {
  return { endpoint: testEndpoint({ port, weight, labels }) } as Member;
}

function members(count: number): readonly Member[] {
  return Array.from({ length: count }, (_, index) => member(1_000 + index));
}

function ownersOf(ring: HashTable): readonly Member[] {
  return Array.from({ length: ring.size }, (_, place) => ring.ownerAt(place));
}

function pointsOf(ring: HashTable): Map<Member, number> {
  return Map.groupBy(ownersOf(ring), (owner) => owner)
    .entries()
    .reduce((counts, [owner, points]) => counts.set(owner, points.length), new Map<Member, number>());
}

function ownerOfKey(ring: HashTable, key: string): Member {
  const hash = new Word64();
  xxh64(key, hash);
  return ring.ownerAt(ring.placeOf(hash));
}

function ownerOfHash(ring: HashTable, hash: bigint): number {
  return ring.ownerAt(ring.placeOf(new Word64(Number(hash >> 32n), Number(hash & 0xffffffffn)))).endpoint.port;
}

test("lays points and finds owners as Envoy does: the ring of its own test, ring_hash_lb_test.cc, Basic", () => {
  const ring = hashRing(
    [90, 91, 92, 93, 94, 95].map((port) => member(port)),
    12,
    4_096,
  );
  expect(ownersOf(ring).map(({ endpoint }) => endpoint.port)).toEqual([94, 92, 90, 95, 93, 91, 91, 93, 95, 92, 94, 90]);
  expect(ownerOfHash(ring, 0n)).toBe(94);
  expect(ownerOfHash(ring, 2n ** 64n - 1n)).toBe(94);
  expect(ownerOfHash(ring, 3_551_244_743_356_806_947n)).toBe(95);
  expect(ownerOfHash(ring, 3_551_244_743_356_806_947n + 2n ** 11n)).toBe(93);
  expect(ownerOfHash(ring, 16_117_243_373_044_804_880n)).toBe(90);
});

test("names endpoints by their label `hash_key` where there is one, as in Envoy's BasicWithMetadataHashKey", () => {
  const ring = hashRing(
    [90, 91, 92, 93, 94, 95].map((port) => member(port, 1, { hash_key: `${port}` })),
    12,
    4_096,
  );
  expect(ownersOf(ring).map(({ endpoint }) => endpoint.port)).toEqual([95, 95, 93, 94, 93, 92, 90, 92, 91, 90, 91, 94]);
});

test("the least member has a whole number of points, the others as many as their weight deserves", () => {
  const [light, middle, heavy] = [member(1), member(2, 2), member(3, 5)] as const;
  const ring = hashRing([light, middle, heavy], 1_000, 4_096);
  expect(pointsOf(ring)).toEqual(new Map([light, middle, heavy].map((owner) => [owner, 125 * owner.endpoint.weight])));
});

test("weights without bounds make no ring beyond its greatest size, and no member is left out of a ring of equals", () => {
  expect(hashRing([member(1, 1e-9), member(2)], 1_024, 4_096).size).toBe(4_096);
  const many = hashRing(members(5_000), 1_024, 4_096);
  expect(many.size).toBe(5_000);
  expect(pointsOf(many).size).toBe(5_000);
});

test("is the same in whatever order the members are told", () => {
  const told = members(50).map((one, index) => ({ ...one, endpoint: { ...one.endpoint, weight: 1 + (index % 7) / 3 } }) as Member);
  const chance = seededRandom(7);
  const shuffled = told.toSorted(() => chance() - 0.5);
  expect(ownersOf(hashRing(shuffled, 1_024, 4_096))).toEqual(ownersOf(hashRing(told, 1_024, 4_096)));
});

test("when a member leaves and the others have as many points as before, only its own keys move", () => {
  const before = members(20);
  const [gone, ...rest] = before;
  const [full, less] = [hashRing(before, 2_000, 4_096), hashRing(rest, 1_900, 4_096)];
  let moved = 0;
  for (let key = 0; key < KEYS; key += 1) {
    const owner = ownerOfKey(full, `${key}`);
    if (owner === gone) moved += 1;
    else expect(ownerOfKey(less, `${key}`)).toBe(owner);
  }
  expect(Math.abs(moved / (KEYS / 20) - 1)).toBeLessThan(0.35);
});

test("has no places without members", () => {
  expect(hashRing([], 1_024, 4_096).size).toBe(0);
});
