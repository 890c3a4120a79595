import { expect, test } from "vitest";
import type { Endpoint } from "../../endpoint.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer } from "../balancer.ts";
import type { BalancerOptions } from "../balancer-options.ts";
import { createBalancer } from "../create-balancer.ts";
import type { PickContext } from "../pick-context.ts";
import { random } from "../policies/random.ts";
import type { Policy } from "../policy.ts";

const CALL: PickContext = { method: "shop.Checkout/Pay" };

/** A hundred endpoints at each priority, so many of them healthy. */
function levelsOf(healthy: readonly number[], sick: Endpoint["health"] = "unhealthy"): readonly Endpoint[] {
  return healthy.flatMap((count, priority) =>
    Array.from({ length: 100 }, (_, place) =>
      testEndpoint({ id: `p${priority} ${place}`, priority, health: place < count ? "healthy" : sick, labels: { shard: `${place % 2}` } }),
    ),
  );
}

function balancerOf(endpoints: readonly Endpoint[], options: Partial<BalancerOptions> = {}): Balancer {
  const balancer = createBalancer({ random: seededRandom(7), policy: random(), ejection: false, ...options });
  balancer.update(endpoints, 0);
  return balancer;
}

function priorityOf(balancer: Balancer, nowMs = 0, context = CALL): number | undefined {
  const lease = balancer.acquire(context, nowMs);
  lease?.settle(testOutcome("abandoned"), nowMs);
  return lease?.endpoint.priority;
}

/** The percentage of calls that each priority gets. */
function sharesOf(balancer: Balancer, { calls = 10_000, nowMs = 0, context = CALL } = {}): readonly number[] {
  const counts = [0, 0, 0];
  for (let call = 0; call < calls; call += 1) {
    const priority = priorityOf(balancer, nowMs, context) as number;
    counts[priority] = (counts[priority] ?? 0) + 1;
  }
  return counts.map((count) => (100 * count) / calls);
}

function expectShares(shares: readonly number[], expected: readonly number[], within: number): void {
  for (const [priority, share] of expected.entries()) expect(Math.abs((shares[priority] as number) - share)).toBeLessThanOrEqual(within);
}

test.each<[healthy: readonly number[], shares: readonly number[]]>([
  [
    [100, 100],
    [100, 0],
  ],
  [
    [72, 100],
    [100, 0],
  ],
  [
    [71, 100],
    [99.4, 0.6],
  ],
  [
    [50, 100],
    [70, 30],
  ],
  [
    [25, 100],
    [35, 65],
  ],
  [
    [0, 100],
    [0, 100],
  ],
  [
    [100, 100, 100],
    [100, 0, 0],
  ],
  [
    [72, 72, 100],
    [100, 0, 0],
  ],
  [
    [71, 71, 100],
    [99.4, 0.6, 0],
  ],
  [
    [50, 50, 100],
    [70, 30, 0],
  ],
  [
    [25, 100, 100],
    [35, 65, 0],
  ],
  [
    [25, 25, 100],
    [35, 35, 30],
  ],
  [
    [25, 25, 20],
    [35.7, 35.7, 28.6],
  ],
  [
    [0, 0, 10],
    [0, 0, 100],
  ],
])("with %o %% healthy, the levels share 100,000 calls as Envoy documents: %o %%", (healthy, shares) => {
  expectShares(sharesOf(balancerOf(levelsOf(healthy)), { calls: 100_000 }), shares, 0.5);
});

test.each<Endpoint["health"]>(["unhealthy", "draining"])("%s endpoints count in the ratio, as unreachable ones do", (sick) => {
  const balancer = balancerOf(levelsOf([60, 100], sick));
  for (let place = 50; place < 60; place += 1) balancer.observe(`p0 ${place}`, "unreachable", 0);
  expectShares(sharesOf(balancer), [70, 30], 2);
});

test("calls go over to the next priority step by step, as endpoints are lost one by one, and come back so", () => {
  const balancer = balancerOf(levelsOf([100, 100]), { slowStart: false });
  const shareAt = (usable: number) => Math.min(100, 1.4 * usable);
  for (let lost = 0; lost < 100; lost += 10) {
    expectShares(sharesOf(balancer, { calls: 4_000 }), [shareAt(100 - lost)], 3);
    for (let place = lost; place < lost + 10; place += 1) balancer.observe(`p0 ${place}`, "unreachable", 0);
  }
  expect(sharesOf(balancer, { calls: 1_000 })).toEqual([0, 100, 0]);
  for (let back = 0; back < 100; back += 10) {
    for (let place = back; place < back + 10; place += 1) balancer.observe(`p0 ${place}`, "ready", 0);
    expectShares(sharesOf(balancer, { calls: 4_000 }), [shareAt(back + 10)], 3);
  }
});

test("the factor is an option: with 1, each lost endpoint of the first priority costs it its part", () => {
  expectShares(sharesOf(balancerOf(levelsOf([80, 100]), { overprovisioningFactor: 1 })), [80, 20], 2);
  expectShares(sharesOf(balancerOf(levelsOf([50, 100]), { overprovisioningFactor: 2 })), [100, 0], 0);
});

test("a level is judged by the shard of the call", () => {
  const endpoints = [..."abcd"].map((id) => testEndpoint({ id, labels: { shard: id < "c" ? "1" : "2" } }));
  const balancer = balancerOf([...endpoints, ...["y", "z"].map((id) => testEndpoint({ id, priority: 1, labels: { shard: "1" } }))]);
  balancer.observe("a", "unreachable", 0);
  expectShares(sharesOf(balancer), [100, 0], 0);
  expectShares(sharesOf(balancer, { context: { ...CALL, shard: "1" } }), [70, 30], 2);
  expectShares(sharesOf(balancer, { context: { ...CALL, shard: "2" } }), [100, 0], 0);
});

test("a call that tried all of the priority that it was drawn for goes on to the others, the preferred ones first", () => {
  const balancer = balancerOf([testEndpoint({ id: "a" }), testEndpoint({ id: "b", priority: 3 }), testEndpoint({ id: "c", priority: 1 })]);
  const avoiding = (...ids: readonly string[]) => priorityOf(balancer, 0, { ...CALL, avoid: new Set(ids) });
  expect([avoiding(), avoiding("a"), avoiding("a", "c"), avoiding("a", "b", "c")]).toEqual([0, 1, 3, undefined]);
});

test("a priority whose endpoints are all ejected still gets the calls that decide on their return", () => {
  const balancer = balancerOf(
    [..."abxyz"].map((id) => testEndpoint({ id, priority: id < "c" ? 0 : 1 })),
    {
      ejection: { detectors: [() => ({ onOutcome: (_, { kind }) => (kind === "failure" ? "it failed" : undefined) })], jitter: 0 },
      slowStart: false,
    },
  );
  for (const id of ["a", "b"]) {
    const avoid = new Set([..."abxyz"].filter((other) => other !== id));
    balancer.acquire({ ...CALL, avoid }, 0)?.settle(testOutcome("failure"), 0);
  }
  expect(sharesOf(balancer, { calls: 100 })).toEqual([0, 100, 0]);
  for (let call = 0; call < 100; call += 1) balancer.acquire(CALL, 1_000)?.settle(testOutcome("success"), 1_000);
  expect(balancer.inspect(1_000).members.map(({ ejection }) => ejection)).toEqual(["none", "none", "none", "none", "none"]);
  expect(sharesOf(balancer, { calls: 100, nowMs: 1_000 })).toEqual([100, 0, 0]);
});

test("in panic the ejected count as usable, so that those who are left are not overrun", () => {
  const ids = ["a", "b", "c", "d", "w", "x", "y", "z"];
  const balancer = balancerOf(
    ids.map((id) => testEndpoint({ id, priority: id < "e" ? 0 : 1 })),
    { ejection: { detectors: [() => ({ onOutcome: (_, { kind }) => (kind === "failure" ? "it failed" : undefined) })] } },
  );
  for (const id of ["a", "b", "c"]) {
    balancer.acquire({ ...CALL, avoid: new Set(ids.filter((other) => other !== id)) }, 0)?.settle(testOutcome("failure"), 0);
  }
  expectShares(sharesOf(balancer), [35, 65], 2);
  for (const id of ["d", "x", "y"]) balancer.observe(id, "unreachable", 0);
  expect(balancer.inspect(0)).toMatchObject({ panic: true, eligible: 3 });
  expectShares(sharesOf(balancer), [100, 0], 0);
});

test.each<[panic: boolean, sound: number, sick: string]>([
  [false, 5, "unreachable"],
  [true, 4, "unreachable"],
  [false, 5, "unhealthy"],
  [true, 4, "unhealthy"],
  [false, 5, "draining"],
  [true, 4, "draining"],
])("panic is %s with %i of 10 sound and the others %s", (panic, sound, sick) => {
  const health = sick === "unreachable" ? "healthy" : (sick as Endpoint["health"]);
  const endpoints = Array.from({ length: 10 }, (_, place) => testEndpoint({ id: `e${place}`, health: place < sound ? "healthy" : health }));
  const balancer = balancerOf(endpoints);
  if (sick === "unreachable") for (const { id } of endpoints.slice(sound)) balancer.observe(id, "unreachable", 0);
  expect(balancer.inspect(0).panic).toBe(panic);
});

/** Tells which members each picker was told of, and what happened to whom. */
function listening(heard: string[]): Policy {
  let pickers = -1; // the first one is made to see whether the policy works
  return ({ candidates }) => {
    const name = `#${pickers++}`;
    const tell = (what: string, { endpoint }: { readonly endpoint: Endpoint }) => heard.push(`${name} ${what} ${endpoint.id}`);
    return {
      pick: (context) => candidates.sample(context),
      membership: (members) => heard.push(`${name} has ${members.map(({ endpoint }) => endpoint.id).join("")}`),
      onStart: (member) => tell("start", member),
      onReport: (member) => tell("report", member),
      onSettle: (member) => tell("settle", member),
    };
  };
}

function heardSince(heard: string[]): readonly string[] {
  return heard.splice(0);
}

const zone = (name: string) => ({ locality: { region: "r", zone: name } });

test("a picker is told of its members when they come, go or are altered, and of nobody else's", () => {
  const heard: string[] = [];
  const balancer = createBalancer({ random: seededRandom(7), policy: listening(heard), zone: "home" });
  const a = testEndpoint({ id: "a", ...zone("home") });
  const b = testEndpoint({ id: "b", ...zone("home") });
  const c = testEndpoint({ id: "c", ...zone("away") });
  const d = testEndpoint({ id: "d", priority: 1, ...zone("home") });
  const told = (...endpoints: readonly Endpoint[]) => {
    balancer.update(endpoints, 0);
    return heardSince(heard).toSorted();
  };
  expect(told(a, b, c, d)).toEqual(["#0 has ab", "#1 has c", "#2 has d"]);
  expect(told(a, b, c, d)).toEqual([]);
  expect(told({ ...d }, { ...c }, { ...b, health: "draining" }, { ...a, labels: {} })).toEqual([]);
  for (const what of ["unreachable", "connecting", "ready"] as const) balancer.observe("a", what, 0);
  expect(told(a, b, { ...c, weight: 2 }, d)).toEqual(["#1 has c"]);
  expect(told(a, b, c, { ...d, labels: { shard: "1" } })).toEqual(["#1 has c", "#2 has d"]);
  expect(told(a, { ...b, address: "10.0.0.1" }, c, d)).toEqual(["#0 has ab", "#2 has d"]);
  expect(told({ ...a, ...zone("away") }, b, c, d)).toEqual(["#0 has b", "#1 has ca"]);
  expect(told({ ...a, priority: 1 }, b, c, d)).toEqual(["#1 has c", "#2 has da"]);
  expect(told(a, c)).toEqual(["#0 has a", "#2 has "]);
  expect(told(a, c, d)).toEqual(["#3 has d"]);
});

test("what happens to a call is told to the picker of the group that its endpoint is in by then", () => {
  const heard: string[] = [];
  const balancer = createBalancer({ random: seededRandom(7), policy: listening(heard), zone: "home" });
  const a = testEndpoint({ id: "a", ...zone("home") });
  balancer.update([a], 0);
  const lease = balancer.acquire(CALL, 0);
  balancer.update([{ ...a, priority: 1, ...zone("away") }], 0);
  lease?.responded({ requestsPerSecond: 1, errorsPerSecond: 0, utilization: 0.5 }, 0);
  lease?.settle(testOutcome("success"), 0);
  balancer.update([], 0);
  balancer.observe("a", { requestsPerSecond: 1, errorsPerSecond: 0, utilization: 0.5 }, 0);
  expect(heardSince(heard)).toEqual(["#0 has a", "#0 start a", "#1 has a", "#0 has ", "#1 report a", "#1 settle a", "#1 has "]);
});

test("all that is known of a call reaches the policy as it is", () => {
  const seen: PickContext[] = [];
  const policy: Policy = ({ candidates }) => ({
    pick(context) {
      seen.push(context);
      return candidates.sample(context);
    },
  });
  const balancer = balancerOf([testEndpoint({ id: "a" }), testEndpoint({ id: "b", labels: { shard: "1" } })], { policy });
  const context = { method: "m", hashKey: "key", shard: "1", cost: 7, avoid: new Set(["a"]) };
  expect(balancer.acquire(context, 0)?.endpoint.id).toBe("b");
  expect(seen).toEqual([context]);
  expect(seen[0]).toBe(context);
  expect(balancer.inspect(0).members.map(({ inFlight }) => inFlight)).toEqual([0, 7]);
});

test("questions spend no chance and make no pickers, whatever there is to say", () => {
  let [drawn, pickers] = [0, 0];
  const chance = seededRandom(7);
  const balancer = createBalancer({
    random: () => {
      drawn += 1;
      return chance();
    },
    policy: ({ candidates }) => {
      pickers += 1;
      return { pick: (context) => candidates.sample(context) };
    },
    zone: "home",
  });
  const endpoints = ["home", "away"].flatMap((name) =>
    [0, 1].flatMap((priority) => [testEndpoint({ id: `${name} ${priority}`, priority, ...zone(name) })]),
  );
  balancer.update(endpoints, 0);
  balancer.update([...endpoints, testEndpoint({ id: "new" })], 1);
  balancer.observe("home 0", { requestsPerSecond: 1, errorsPerSecond: 0, utilization: 0.9, warmUp: 0.1, draining: true }, 1);
  const before = [drawn, pickers];
  // After 30 s the claim to be draining has run out, and the standings are others than at the last call.
  for (const nowMs of [1, 100, 29_000, 30_001, 90_000]) {
    balancer.inspect(nowMs);
    balancer.explain(CALL, nowMs);
  }
  expect([drawn, pickers]).toEqual(before);
});
