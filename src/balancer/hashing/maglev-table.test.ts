import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Member } from "../member.ts";
import type { HashTable } from "./hash-table.ts";
import { maglevTable } from "./maglev-table.ts";
import { Word64 } from "./word64.ts";

function member(port: number, weight = 1, labels: Record<string, string> = {}): Member {
  return { endpoint: testEndpoint({ port, weight, labels }) } as Member;
}

function members(count: number): readonly Member[] {
  return Array.from({ length: count }, (_, index) => member(1_000 + index));
}

function ownersOf(table: HashTable): readonly Member[] {
  return Array.from({ length: table.size }, (_, place) => table.ownerAt(place));
}

function portsOf(table: HashTable): readonly number[] {
  return ownersOf(table).map(({ endpoint }) => endpoint.port);
}

function entriesOf(table: HashTable): ReadonlyMap<Member, number> {
  const counts = new Map<Member, number>();
  for (const owner of ownersOf(table)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return counts;
}

/** The share of entries whose owner differs. */
function disruption(one: HashTable, other: HashTable): number {
  const [before, after] = [ownersOf(one), ownersOf(other)];
  return before.filter((owner, place) => owner !== after[place]).length / before.length;
}

test("fills the table as Envoy does: the tables of its own test, maglev_lb_test.cc, Basic and BasicWithMetadataHashKey", () => {
  const ports = [90, 91, 92, 93, 94, 95];
  expect(
    portsOf(
      maglevTable(
        ports.map((port) => member(port)),
        7,
      ),
    ),
  ).toEqual([92, 94, 90, 91, 95, 90, 93]);
  const named = ports.map((port) => member(port, 1, { hash_key: `${port}` }));
  expect(portsOf(maglevTable(named, 7))).toEqual([92, 95, 90, 93, 94, 91, 90]);
});

test("weighs as Envoy does: the table of its own test, maglev_lb_test.cc, Weighted", () => {
  const expected = [91, 90, 90, 91, 90, 91, 91, 90, 91, 91, 91, 91, 91, 90, 91, 90, 91];
  expect(portsOf(maglevTable([member(90, 1), member(91, 2)], 17))).toEqual(expected);
});

test("a key's place is its hash modulo the size", () => {
  expect(maglevTable(members(3), 65_537).placeOf(new Word64(0xffffffff, 0xffffffff))).toBe(Number((2n ** 64n - 1n) % 65_537n));
});

test.each([1, 2, 10, 100, 655])("each of %i equal members owns as many entries as any other, to within one", (count) => {
  const entries = [...entriesOf(maglevTable(members(count), 65_537)).values()];
  expect(entries.length).toBe(count);
  expect(Math.max(...entries) - Math.min(...entries)).toBeLessThanOrEqual(1);
});

test("members own entries in proportion to their weights, to within one", () => {
  const weighted = [1, 2, 3, 0.5, 10].map((weight, index) => member(index, weight));
  const entries = entriesOf(maglevTable(weighted, 65_537));
  for (const one of weighted) expect(Math.abs((entries.get(one) as number) - (65_537 * one.endpoint.weight) / 16.5)).toBeLessThanOrEqual(1);
});

test("the lightest member has an entry, however heavy another is", () => {
  const [light, heavy] = [member(1, 1e-9), member(2, 1e9)] as const;
  expect(entriesOf(maglevTable([light, heavy], 65_537))).toEqual(
    new Map([
      [heavy, 65_536],
      [light, 1],
    ]),
  );
});

test("is the same in whatever order the members are told", () => {
  const told = members(50);
  const chance = seededRandom(7);
  expect(
    ownersOf(
      maglevTable(
        told.toSorted(() => chance() - 0.5),
        5_003,
      ),
    ),
  ).toEqual(ownersOf(maglevTable(told, 5_003)));
});

test("when one of 100 members leaves, its 1 % of entries move, and at most 2 % more", () => {
  const before = members(100);
  const table = maglevTable(before, 65_537);
  for (const gone of before.slice(0, 10)) {
    const moved = disruption(
      table,
      maglevTable(
        before.filter((one) => one !== gone),
        65_537,
      ),
    );
    expect(moved).toBeGreaterThan(0.0099);
    expect(moved).toBeLessThan(0.03);
  }
});

test("has no places without members", () => {
  expect(maglevTable([], 65_537).size).toBe(0);
});
