import { expect, test } from "vitest";
import type { Endpoint, EndpointHealth } from "../endpoint.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { testEndpoint } from "../testing/test-endpoint.ts";
import { subset } from "./subset.ts";

const CLIENTS = Array.from({ length: 200 }, (_, index) => `client-${index}`);

function endpoints(count: number, fields: (index: number) => Partial<Endpoint> = () => ({})): readonly Endpoint[] {
  return Array.from({ length: count }, (_, index) => testEndpoint({ id: `e${index}`, ...fields(index) }));
}

function idsOf(given: readonly Endpoint[]): ReadonlySet<string> {
  return new Set(given.map(({ id }) => id));
}

function withHealth(given: readonly Endpoint[], ids: ReadonlySet<string>, health: EndpointHealth): readonly Endpoint[] {
  return given.map((endpoint) => (ids.has(endpoint.id) ? { ...endpoint, health } : endpoint));
}

function changesOf(before: readonly Endpoint[], after: readonly Endpoint[]) {
  return { left: missing(before, after), joined: missing(after, before) };
}

/** Who of the ones is not among the others. */
function missing(ones: readonly Endpoint[], others: readonly Endpoint[]): readonly string[] {
  const ids = idsOf(others);
  return [...idsOf(ones)].filter((id) => !ids.has(id));
}

/** How many clients have each endpoint, as parts of the mean. */
function popularity(clients: number, count: number, size: number): readonly number[] {
  const given = endpoints(count);
  const had = new Map(given.map(({ id }) => [id, 0]));
  for (let client = 0; client < clients; client += 1) {
    for (const { id } of subset(given, { size, clientId: `checkout-${client}` })) had.set(id, (had.get(id) as number) + 1);
  }
  return [...had.values()].map((clientsOfOne) => clientsOfOne / ((clients * size) / count));
}

test("keeps so many, in the order given; all if they are no more", () => {
  const given = endpoints(100);
  const kept = subset(given, { size: 20, clientId: "c" });
  expect(kept.length).toBe(20);
  expect(kept).toEqual(given.filter((endpoint) => kept.includes(endpoint)));
  expect(subset(given, { size: 100, clientId: "c" })).toEqual(given);
  expect(subset([], { size: 1, clientId: "c" })).toEqual([]);
});

test("a client has the same subset each time, and in whatever order endpoints are told; others have others", () => {
  const given = endpoints(100);
  const chance = seededRandom(7);
  const shuffled = given.toSorted(() => chance() - 0.5);
  expect(idsOf(subset(shuffled, { size: 20, clientId: "c" }))).toEqual(idsOf(subset(given, { size: 20, clientId: "c" })));
  expect(new Set(CLIENTS.map((clientId) => [...idsOf(subset(given, { size: 20, clientId }))].join())).size).toBe(CLIENTS.length);
});

test("when an endpoint leaves, the clients that had it get one other, and the rest change nothing", () => {
  const given = endpoints(50);
  const rest = given.filter(({ id }) => id !== "e7");
  let changed = 0;
  for (const clientId of CLIENTS) {
    const before = subset(given, { size: 10, clientId });
    const { left, joined } = changesOf(before, subset(rest, { size: 10, clientId }));
    const had = idsOf(before).has("e7");
    expect(left).toEqual(had ? ["e7"] : []);
    expect(joined.length).toBe(had ? 1 : 0);
    changed += left.length;
  }
  expect(Math.abs(changed - 40)).toBeLessThan(15);
});

test("an endpoint that is replaced under a new id changes a client by two endpoints at most", () => {
  const given = endpoints(50);
  const after = given.map((endpoint) => (endpoint.id === "e7" ? { ...endpoint, id: "e7b" } : endpoint));
  for (const clientId of CLIENTS) {
    const { left, joined } = changesOf(subset(given, { size: 10, clientId }), subset(after, { size: 10, clientId }));
    expect(left.length).toBe(joined.length);
    expect(left.length).toBeLessThanOrEqual(2);
  }
});

test.each([
  [100, 0.4, 1.75],
  [1_000, 0.76, 1.25],
  [4_000, 0.88, 1.12],
])(
  "with %i clients and 20 of 100 endpoints, each endpoint is had by %d to %d times the mean, as evenly as by chance",
  (clients, least, most) => {
    const parts = popularity(clients, 100, 20);
    expect(Math.min(...parts)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...parts)).toBeLessThanOrEqual(most);
    const deviation = Math.sqrt(parts.reduce((sum, part) => sum + (part - 1) ** 2, 0) / parts.length);
    // Of independent choices: each client has the endpoint with chance 1/5.
    expect(deviation / Math.sqrt(0.8 / 0.2 / clients)).toBeCloseTo(1, 0.6);
  },
);

test.each(["draining", "unhealthy"] as const)(
  "one that turns %s keeps its place in the list and a healthy one joins; it goes and nothing else changes",
  (health) => {
    const given = endpoints(50);
    for (const clientId of CLIENTS) {
      const before = subset(given, { size: 10, clientId });
      const turning = withHealth(given, new Set(["e7"]), health);
      const during = subset(turning, { size: 10, clientId });
      expect(changesOf(before, during).left).toEqual([]);
      expect(changesOf(before, during).joined.length).toBe(idsOf(before).has("e7") ? 1 : 0);
      const after = subset(
        turning.filter(({ id }) => id !== "e7"),
        { size: 10, clientId },
      );
      expect(changesOf(during, after)).toEqual({ left: idsOf(before).has("e7") ? ["e7"] : [], joined: [] });
    }
  },
);

test("the share of healthy ones is that of the whole set, on average to within 3 %", () => {
  const third = new Set(Array.from({ length: 30 }, (_, index) => `e${index * 3}`));
  const given = withHealth(endpoints(90), third, "unhealthy");
  const shares = CLIENTS.map((clientId) => {
    const kept = subset(given, { size: 10, clientId });
    return kept.filter(({ health }) => health === "healthy").length / kept.length;
  });
  expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeCloseTo(2 / 3, 1.2);
});

test("with hardly anybody healthy, all healthy ones are kept up to the size, and no more than so many others", () => {
  const given = withHealth(endpoints(1_000), idsOf(endpoints(990)), "unhealthy");
  const kept = subset(given, { size: 10, clientId: "c" });
  expect(kept.filter(({ health }) => health === "healthy").length).toBe(10);
  expect(kept.length).toBe(20);
});

test("each priority has a subset of its own, and in it the own zone and all others", () => {
  const zones = ["a", "b", "c"];
  const given = endpoints(300, (index) => ({
    priority: index % 2,
    locality: { region: "r", zone: zones[index % 3] as string },
  }));
  const kept = subset(given, { size: 10, clientId: "c", zone: "b" });
  const counts = [...Map.groupBy(kept, ({ priority, locality }) => `${priority} ${locality?.zone === "b"}`)];
  expect(counts.map(([group, { length }]) => [group, length]).sort()).toEqual([
    ["0 false", 10],
    ["0 true", 10],
    ["1 false", 10],
    ["1 true", 10],
  ]);
  expect(subset(given, { size: 10, clientId: "c" }).length).toBe(20);
});

test("in the same zone or not, a client prefers the same endpoints", () => {
  const given = endpoints(100, (index) => ({ locality: { region: "r", zone: index < 50 ? "a" : "b" } }));
  const own = subset(given, { size: 10, clientId: "c", zone: "a" });
  const all = subset(given, { size: 10, clientId: "c" });
  expect(missing(all, own)).toEqual([]);
});
