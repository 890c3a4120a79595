import { testEndpoint } from "meshless/testing";
import { expect, test } from "vitest";
import type { Host } from "./baseline.ts";
import { type PoolEntry, ProbePool } from "./probe-pool.ts";

const hosts: readonly Host[] = Array.from({ length: 20 }, (_, index) => ({ endpoint: testEndpoint({ id: `${index}` }), inFlight: 0 }));

function entry(host: number, fields: Partial<PoolEntry> = {}): PoolEntry {
  return { host: hosts[host] as Host, receivedAtMs: host, inFlight: host, latencyMs: 0, usesLeft: 1, ...fields };
}

function poolOf(...entries: readonly PoolEntry[]): ProbePool {
  const pool = new ProbePool(16, 1000);
  for (const one of entries) pool.add(one);
  return pool;
}

const ids = (pool: ProbePool) => pool.entries.map(({ host }) => host.endpoint.id).join();
const fewerInFlight = (one: PoolEntry, other: PoolEntry) => one.inFlight < other.inFlight;

test("a full pool lets the oldest go", () => {
  expect(ids(poolOf(...Array.from({ length: 18 }, (_, host) => entry(host))))).toBe("2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17");
});

test("keeps one entry of each host, the newest", () => {
  const pool = poolOf(entry(1), entry(2), entry(1, { inFlight: 7 }));
  expect(pool.entries.map(({ inFlight }) => inFlight)).toEqual([2, 7]);
});

test("lets go of what is older than a second", () => {
  const pool = poolOf(entry(1, { receivedAtMs: 0 }), entry(2, { receivedAtMs: 0 }), entry(3, { receivedAtMs: 1 }));
  pool.expire(1000);
  expect(ids(pool)).toBe("1,2,3");
  pool.expire(1000.5);
  expect(ids(pool)).toBe("3");
  pool.expire(5000);
  expect(ids(pool)).toBe("");
});

test("a used entry knows of one more in flight, and goes with its last use", () => {
  const pool = poolOf(entry(1, { usesLeft: 2 }), entry(2));
  pool.use(pool.entries[0] as PoolEntry);
  expect(pool.entries[0]).toMatchObject({ inFlight: 2, usesLeft: 1 });
  pool.use(pool.entries[0] as PoolEntry);
  expect(ids(pool)).toBe("2");
});

test("removes the oldest and the worst, by turns", () => {
  const pool = poolOf(entry(5), entry(3), entry(9), entry(4), entry(8));
  const left: string[] = [];
  for (let removal = 0; removal < 6; removal += 1) {
    pool.removeOne(fewerInFlight);
    left.push(ids(pool));
  }
  expect(left).toEqual(["3,9,4,8", "3,4,8", "4,8", "4", "", ""]);
});

test("forgets hosts that are no longer there", () => {
  const pool = poolOf(entry(1), entry(2), entry(3), entry(4));
  pool.retain(new Set([hosts[2] as Host, hosts[7] as Host]));
  expect(ids(pool)).toBe("2");
});
