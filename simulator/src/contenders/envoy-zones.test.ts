import { expect, test } from "vitest";
import type { ClientBalancer } from "../contender.ts";
import { envoyZones, zoneSplit } from "./envoy-zones.ts";
import { callsByEndpoint, endpoints, fakeEnv } from "./fake-env.ts";

const ZONES = ["a", "b", "c"];
/** 20 in each of three zones. */
const SERVERS = endpoints(60, ZONES);
const zoneOf = new Map(SERVERS.map(({ id, locality }) => [id, locality?.zone]));

function client(zone: string, clientsByZone: Readonly<Record<string, number>>): ClientBalancer {
  const created = envoyZones().create(fakeEnv({ zone, clientsByZone }));
  created.update(SERVERS, 0);
  return created;
}

/** Share of calls by zone. */
function shares(of: ClientBalancer, calls = 20_000): Record<string, number> {
  const byZone: Record<string, number> = { a: 0, b: 0, c: 0 };
  for (const [id, count] of callsByEndpoint(of, calls)) (byZone[zoneOf.get(id) as string] as number) += count / calls;
  return byZone;
}

test.each([
  [{ a: 18, b: 11, c: 11 }, 0.117],
  [{ a: 20, b: 10, c: 10 }, 0.167],
  [{ a: 24, b: 8, c: 8 }, 0.267],
  [{ a: 10, b: 10, c: 10 }, 0],
])("clients in %o: of all calls, %f leave their zone, and each zone gets a third", (clientsByZone, published) => {
  const all = Object.values(clientsByZone).reduce((sum, count) => sum + count, 0);
  let crossing = 0;
  const arriving: Record<string, number> = { a: 0, b: 0, c: 0 };
  for (const [zone, count] of Object.entries(clientsByZone)) {
    for (const [to, share] of Object.entries(shares(client(zone, clientsByZone)))) {
      (arriving[to] as number) += (share * count) / all;
      if (to !== zone) crossing += (share * count) / all;
    }
  }
  expect(Math.abs(crossing - published)).toBeLessThan(0.005);
  for (const share of Object.values(arriving)) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.01);
});

test("what leaves goes where there is room, in proportion to it", () => {
  const split = zoneSplit("a", new Map(Object.entries({ a: 25, b: 50, c: 25 })), new Map(Object.entries({ a: 40, b: 40, c: 20 })));
  expect(split?.get("a")).toBeCloseTo(0.625);
  expect(split?.get("b")).toBeCloseTo((0.375 * 2) / 3);
  expect(split?.get("c")).toBeCloseTo(0.375 / 3);
});

test("a zone without servers of its own sends everything where there is room", () => {
  const split = zoneSplit("a", new Map(Object.entries({ a: 0, b: 10, c: 10 })), new Map(Object.entries({ a: 10, b: 10, c: 0 })));
  expect([...(split ?? [])]).toEqual([["a", 0], ["b", 0], ["c", 1]]); // biome-ignore format: a table
});

test("with no room anywhere, what can't stay goes to any zone alike", () => {
  const split = zoneSplit("a", new Map(Object.entries({ a: 0, b: 10 })), new Map(Object.entries({ a: 0.0001, b: 10 })));
  expect(split?.get("b")).toBeGreaterThan(0.99);
  const full = zoneSplit("a", new Map(Object.entries({ b: 10, c: 10 })), new Map(Object.entries({ a: 1e-18, b: 10, c: 10 })));
  expect([full?.get("b"), full?.get("c")]).toEqual([0.5, 0.5]);
});

test("zones are ignored with fewer than two of them on either side, and by a client whose zone isn't known", () => {
  const [two, one] = [new Map(Object.entries({ a: 5, b: 5 })), new Map([["a", 5]])];
  expect(zoneSplit("a", two, one)).toBeUndefined();
  expect(zoneSplit("a", one, two)).toBeUndefined();
  expect(zoneSplit("c", two, two)).toBeUndefined();
  expect(zoneSplit(undefined, two, two)).toBeUndefined();
  expect(zoneSplit("a", two, two)?.get("a")).toBe(1);
});

test("with fewer than six healthy servers, zones are ignored", () => {
  const one = client("a", { a: 1, b: 1, c: 1 });
  one.update(endpoints(6, ZONES), 1);
  expect(shares(one)).toEqual({ a: expect.closeTo(1), b: 0, c: 0 });
  one.observe("e5", "unreachable", 2);
  const ignored = shares(one);
  expect(ignored.a).toBeCloseTo(0.4, 1);
  expect(ignored.b).toBeCloseTo(0.4, 1);
});

test("a zone that is down is left at once; below half of all healthy, everybody gets calls again, healthy or not", () => {
  const one = client("a", { a: 1, b: 1, c: 1 });
  const lose = (zone: string) => {
    for (const { id, locality } of SERVERS) if (locality?.zone === zone) one.observe(id, "unreachable", 1);
  };
  lose("a");
  expect(shares(one)).toEqual({ a: 0, b: expect.closeTo(0.5, 1), c: expect.closeTo(0.5, 1) });
  lose("b");
  const inPanic = shares(one);
  for (const zone of ZONES) expect(inPanic[zone]).toBeCloseTo(1 / 3, 1);
});

test("of two draws with replacement the less busy one wins, so the busiest still gets one call in n²", () => {
  const one = envoyZones().create(fakeEnv());
  one.update(endpoints(4), 0);
  // Three of four take a call that stays.
  const avoid = new Set<string>();
  for (let busy = 0; busy < 3; busy += 1) avoid.add(one.acquire({ method: "", avoid }, 0)?.endpoint.id as string);
  const counts = callsByEndpoint(one, 20_000);
  const idle = endpoints(4).find(({ id }) => !avoid.has(id))?.id as string;
  expect((counts.get(idle) as number) / 20_000).toBeCloseTo(1 - (3 / 4) ** 2, 1.5);
});

test("a second try goes elsewhere, out of the zone if need be", () => {
  const one = client("a", { a: 1, b: 1, c: 1 });
  const avoid = new Set(SERVERS.filter(({ locality }) => locality?.zone === "a").map(({ id }) => id));
  expect(zoneOf.get(one.acquire({ method: "", avoid }, 0)?.endpoint.id as string)).not.toBe("a");
});
