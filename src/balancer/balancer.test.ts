import { expect, test } from "vitest";
import type { Endpoint } from "../endpoint.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { testEndpoint } from "../testing/test-endpoint.ts";
import { testOutcome } from "../testing/test-outcome.ts";
import type { Balancer, Lease } from "./balancer.ts";
import type { BalancerEvent } from "./balancer-event.ts";
import type { BalancerOptions } from "./balancer-options.ts";
import { createBalancer } from "./create-balancer.ts";
import type { OutcomeKind } from "./outcome.ts";
import type { PickContext } from "./pick-context.ts";
import type { Picker } from "./policy.ts";

const CALL: PickContext = { method: "shop.Checkout/Pay" };
const REPORT = { requestsPerSecond: 100, errorsPerSecond: 1, utilization: 0.5 };

function endpoint(id: string, fields: Partial<Endpoint> = {}): Endpoint {
  return testEndpoint({ id, ...fields });
}

function balancerOf(endpoints: readonly Endpoint[], options: Partial<BalancerOptions> = {}): Balancer {
  const balancer = createBalancer({ random: seededRandom(7), ...options });
  balancer.update(endpoints, 0);
  return balancer;
}

function acquired(balancer: Balancer, nowMs = 0, context = CALL): Lease {
  const lease = balancer.acquire(context, nowMs);
  if (lease === undefined) throw new Error(balancer.explain(context, nowMs));
  return lease;
}

/** Who gets calls: the ids of 50, one after the other. */
function served(balancer: Balancer, nowMs = 0, context = CALL): string {
  const ids = new Set<string>();
  for (let call = 0; call < 50; call += 1) {
    const lease = balancer.acquire(context, nowMs);
    if (lease !== undefined) ids.add(lease.endpoint.id);
    lease?.settle(testOutcome("abandoned"), nowMs);
  }
  return [...ids].sort().join(" ");
}

function fail(balancer: Balancer, id: string, times: number, nowMs = 0): void {
  const others = new Set(balancer.inspect(nowMs).members.map((member) => member.endpoint.id));
  others.delete(id);
  for (let call = 0; call < times; call += 1) acquired(balancer, nowMs, { ...CALL, avoid: others }).settle(testOutcome("failure"), nowMs);
}

function memberOf(balancer: Balancer, id: string, nowMs = 0) {
  const found = balancer.inspect(nowMs).members.find((member) => member.endpoint.id === id);
  if (found === undefined) throw new Error(`${id} is no member`);
  return found;
}

test("a member whose id stays keeps its calls in flight, its outcomes and its report, and has the new description", () => {
  const balancer = balancerOf([endpoint("a", { weight: 1 })]);
  acquired(balancer).settle(testOutcome("success"), 0);
  acquired(balancer).responded(REPORT, 5);
  balancer.update([endpoint("b"), endpoint("a", { weight: 3 })], 10);
  expect(memberOf(balancer, "a", 10)).toMatchObject({ inFlight: 1, outcomes: { success: 1 }, report: REPORT, reportAgeMs: 5 });
  expect(memberOf(balancer, "a", 10).endpoint.weight).toBe(3);
});

test("an endpoint that left gets no more calls, and one that came back is new", () => {
  const balancer = balancerOf([endpoint("a"), endpoint("b")]);
  acquired(balancer).settle(testOutcome("success"), 0);
  balancer.update([endpoint("b")], 1);
  expect(served(balancer, 1)).toBe("b");
  balancer.update([endpoint("a"), endpoint("b")], 2);
  expect(memberOf(balancer, "a", 2).outcomes.success).toBe(0);
});

test("a lease outlives its member and does not touch the one that has its id or slot now", () => {
  const balancer = balancerOf([endpoint("a")]);
  const old = acquired(balancer);
  balancer.update([], 1);
  balancer.update([endpoint("a")], 2);
  acquired(balancer, 2);
  old.responded(REPORT, 3);
  old.settle(testOutcome("failure"), 3);
  expect(memberOf(balancer, "a", 3)).toMatchObject({ inFlight: 1, outcomes: { failure: 0 } });
  expect(memberOf(balancer, "a", 3).report).toBeUndefined();
});

test("a lease settles once: the first outcome counts", () => {
  const balancer = balancerOf([endpoint("a")]);
  const lease = acquired(balancer);
  lease.settle(testOutcome("success"), 1);
  lease.settle(testOutcome("failure"), 2);
  expect(memberOf(balancer, "a", 2)).toMatchObject({ inFlight: 0, outcomes: { success: 1, failure: 0 } });
});

test("the latest report wins, is bounded, and may come out of band", () => {
  const balancer = balancerOf([endpoint("a")]);
  const lease = acquired(balancer);
  lease.responded(REPORT, 1);
  lease.responded(undefined, 2);
  expect(memberOf(balancer, "a", 2)).toMatchObject({ report: REPORT, reportAgeMs: 1 });
  balancer.observe("a", { ...REPORT, utilization: 1e9 }, 3);
  expect(memberOf(balancer, "a", 3)).toMatchObject({ report: { utilization: 10 }, reportAgeMs: 0 });
});

test.each<OutcomeKind>(["success", "clientError", "failure", "timeout", "overload", "refused", "unreachable", "abandoned"])(
  "%s is accounted, and releases the load",
  (kind) => {
    const balancer = balancerOf([endpoint("a")]);
    acquired(balancer, 0, { ...CALL, cost: 0.1 });
    acquired(balancer, 0, { ...CALL, cost: 0.2 }).settle(testOutcome(kind), 1);
    const { inFlight, outcomes } = memberOf(balancer, "a", 1);
    expect(inFlight).toBeCloseTo(0.1);
    expect(outcomes[kind]).toBe(1);
    expect(Object.values(outcomes).reduce((sum, count) => sum + count)).toBe(1);
  },
);

test("costs that do not add up exactly leave nothing in flight behind", () => {
  const balancer = balancerOf([endpoint("a")]);
  const leases = [0.1, 0.2, 0.3].map((cost) => acquired(balancer, 0, { ...CALL, cost }));
  expect(memberOf(balancer, "a").inFlight).toBeCloseTo(0.6);
  for (const lease of leases) lease.settle(testOutcome("success"), 1);
  expect(memberOf(balancer, "a").inFlight).toBe(0);
});

test.each([0, -1, Number.NaN, Infinity])("a cost of %s counts as a usual call", (cost) => {
  const balancer = balancerOf([endpoint("a")]);
  acquired(balancer, 0, { ...CALL, cost });
  expect(memberOf(balancer, "a").inFlight).toBe(1);
});

test("of two endpoints with one id in an update, the last one counts", () => {
  const balancer = balancerOf([endpoint("a", { port: 1 }), endpoint("a", { port: 2 })]);
  expect(balancer.inspect(0).members.map((member) => member.endpoint.port)).toEqual([2]);
});

test("ready and idle endpoints come before connecting ones, and a call waits for those before it goes anywhere else", () => {
  const balancer = balancerOf([endpoint("a"), endpoint("b"), endpoint("c", { health: "draining" })]);
  balancer.observe("a", "connecting", 0);
  expect(served(balancer)).toBe("b");
  balancer.observe("b", "connecting", 0);
  expect(served(balancer)).toBe("a b");
  balancer.observe("b", "ready", 0);
  expect(served(balancer)).toBe("b");
});

test("unhealthy and draining endpoints that can be reached are the last resort", () => {
  const balancer = balancerOf([endpoint("a"), endpoint("b", { health: "unhealthy" }), endpoint("c", { health: "draining" })]);
  expect(served(balancer)).toBe("a");
  balancer.observe("a", "unreachable", 0);
  expect(served(balancer)).toBe("b c");
  balancer.observe("c", "unreachable", 0);
  expect(served(balancer)).toBe("b");
});

test("nobody is acquired while all are unreachable; one that connects again is better than nobody, and worse than anybody else", () => {
  const balancer = balancerOf([endpoint("a"), endpoint("b"), endpoint("c", { priority: 1 })]);
  for (const id of ["a", "b", "c"]) balancer.observe(id, "unreachable", 0);
  expect(served(balancer)).toBe("");
  balancer.observe("a", "connecting", 0);
  expect(served(balancer)).toBe("a");
  balancer.observe("c", "ready", 0);
  expect(served(balancer)).toBe("c");
  for (const id of ["a", "b"]) balancer.observe(id, "ready", 0);
  expect(served(balancer)).toBe("a b");
});

test("a call that failed on the open endpoint may wait for a connecting one, but not for a draining one", () => {
  const balancer = balancerOf([endpoint("a"), endpoint("b"), endpoint("c", { health: "draining" })]);
  balancer.observe("b", "connecting", 0);
  expect(served(balancer, 0, { ...CALL, avoid: new Set(["a"]) })).toBe("b");
  expect(served(balancer, 0, { ...CALL, avoid: new Set(["a", "b"]) })).toBe("");
});

test("an overloaded endpoint is left alone for as long as it asks, but at most 5 s, and only while others are there", () => {
  const balancer = balancerOf([endpoint("a"), endpoint("b"), endpoint("c")]);
  const overload = (id: string, retryAfterMs: number, nowMs: number) => {
    const others = new Set(["a", "b", "c"].filter((other) => other !== id));
    acquired(balancer, nowMs, { ...CALL, avoid: others }).settle(testOutcome("overload", { retryAfterMs }), nowMs);
  };
  overload("a", 200, 0);
  expect([served(balancer, 199), served(balancer, 200)]).toEqual(["b c", "a b c"]);
  overload("a", 60_000, 1_000);
  expect([served(balancer, 5_999), served(balancer, 6_000)]).toEqual(["b c", "a b c"]);
  const leases = [
    acquired(balancer, 7_000, { ...CALL, avoid: new Set(["b", "c"]) }),
    acquired(balancer, 7_000, { ...CALL, avoid: new Set(["b", "c"]) }),
  ];
  leases.forEach((lease, place) => lease.settle(testOutcome("overload", { retryAfterMs: [800, 100][place] as number }), 7_000));
  expect([served(balancer, 7_799), served(balancer, 7_800)]).toEqual(["b c", "a b c"]);
  overload("a", Number.NaN, 8_000);
  expect(served(balancer, 8_000)).toBe("a b c");
  overload("a", 500, 8_000);
  expect(served(balancer, 8_499)).toBe("b c");
  for (const id of ["a", "b", "c"]) overload(id, 1_000, 9_000);
  expect(served(balancer, 9_001)).toBe("a b c");
});

test("a report of draining makes an endpoint the last resort, until the next report or for 30 s", () => {
  const balancer = balancerOf([endpoint("a"), endpoint("b")]);
  balancer.observe("a", { ...REPORT, draining: true }, 0);
  expect([served(balancer, 0), served(balancer, 29_999), served(balancer, 30_000)]).toEqual(["b", "b", "a b"]);
  balancer.observe("a", { ...REPORT, draining: true }, 40_000);
  expect(served(balancer, 40_000)).toBe("b");
  balancer.observe("a", REPORT, 40_001);
  expect(served(balancer, 40_001)).toBe("a b");
});

test("panic begins below half of all known members and tells when it begins and ends", () => {
  const events: BalancerEvent[] = [];
  const balancer = balancerOf(
    ["a", "b", "c", "d"].map((id) => endpoint(id)),
    {
      onEvent: (event) => {
        if (event.type === "panicChanged") events.push(event);
      },
    },
  );
  fail(balancer, "a", 5);
  fail(balancer, "b", 5);
  expect([served(balancer), events]).toEqual(["c d", []]);
  balancer.observe("c", "unreachable", 0);
  expect(served(balancer)).toBe("a b d");
  expect(balancer.inspect(0)).toMatchObject({ panic: true, eligible: 3 });
  balancer.observe("c", "ready", 0);
  expect(served(balancer)).toBe("c d");
  expect(events).toEqual([
    { type: "panicChanged", panic: true, eligible: 1, total: 4 },
    { type: "panicChanged", panic: false, eligible: 2, total: 4 },
  ]);
});

test("without a panic threshold, an ejected endpoint still takes calls that nobody else could", () => {
  const balancer = balancerOf([endpoint("a"), endpoint("b"), endpoint("c", { labels: { shard: "7" } })], { panicThreshold: 0 });
  fail(balancer, "a", 5);
  balancer.observe("b", "unreachable", 0);
  balancer.observe("c", "unreachable", 0);
  expect(served(balancer)).toBe("a");
  expect(balancer.inspect(0).panic).toBe(false);
});

test("the only endpoint of a shard stays usable, ejected or probing", () => {
  const balancer = balancerOf([endpoint("a"), endpoint("b"), endpoint("c", { labels: { shard: "7" } })], { ejection: { jitter: 0 } });
  fail(balancer, "c", 5);
  const shard = { ...CALL, shard: "7" };
  expect([served(balancer, 0), served(balancer, 0, shard)]).toEqual(["a b", "c"]);
  const probe = acquired(balancer, 1_000, shard);
  expect(acquired(balancer, 1_000, shard).endpoint.id).toBe(probe.endpoint.id);
});

test("tells who came, who left and who is out", () => {
  const told: string[] = [];
  const balancer = balancerOf([endpoint("a"), endpoint("b")], {
    onEvent: (event) => told.push("endpoint" in event ? `${event.type} ${event.endpoint.id}` : event.type),
  });
  fail(balancer, "a", 5);
  balancer.update([endpoint("b"), endpoint("c")], 1);
  expect(told).toEqual(["endpointAdded a", "endpointAdded b", "endpointEjected a", "endpointRemoved a", "endpointAdded c"]);
});

test("a policy hears who is there when members come or go or weights change, and of nothing else", () => {
  const heard: string[] = [];
  const picker: Picker = {
    pick: () => undefined,
    membership: (members) => heard.push(members.map(({ slot, endpoint: { id, weight } }) => `${id}/${slot}/${weight}`).join(" ")),
  };
  const balancer = balancerOf([endpoint("a"), endpoint("b")], { policy: () => picker });
  balancer.update([endpoint("a"), endpoint("b", { health: "draining" })], 1);
  balancer.observe("a", "unreachable", 1);
  balancer.update([endpoint("b"), endpoint("c")], 2);
  balancer.update([endpoint("b"), endpoint("c", { weight: 5 })], 3);
  expect(heard).toEqual(["a/0/1 b/1/1", "b/1/1 c/0/1", "b/1/1 c/0/5"]);
});

test("a policy hears of starts, reports and settled leases", () => {
  const heard: string[] = [];
  const balancer = balancerOf([endpoint("a")], {
    policy: ({ candidates }) => ({
      pick: (context) => candidates.sample(context),
      onStart: (member, nowMs) => heard.push(`start ${member.endpoint.id} at ${nowMs}, ${member.inFlight} in flight`),
      onReport: (_, report, nowMs) => heard.push(`report ${report.utilization} at ${nowMs}`),
      onSettle: (member, { kind }, nowMs) => heard.push(`${kind} at ${nowMs}, ${member.inFlight} in flight`),
    }),
  });
  const lease = acquired(balancer, 1);
  lease.responded({ ...REPORT, utilization: 99 }, 2);
  lease.settle(testOutcome("success"), 3);
  expect(heard).toEqual(["start a at 1, 1 in flight", "report 10 at 2", "success at 3, 0 in flight"]);
});

test("inspect gives a reason for each member", () => {
  const ids = ["eligible", "ejected", "overloaded", "lost", "back", "connecting"];
  const balancer = balancerOf(
    [
      ...ids.map((id) => endpoint(id)),
      ...["p", "q", "r", "s", "t"].map((id) => endpoint(id)),
      endpoint("draining", { health: "draining" }),
      endpoint("sick", { health: "unhealthy" }),
      endpoint("leaving"),
      endpoint("next", { priority: 1 }),
      endpoint("fallback", { priority: 2 }),
    ],
    { ejection: { jitter: 0 } },
  );
  fail(balancer, "ejected", 5);
  const others = new Set(balancer.inspect(0).members.map((member) => member.endpoint.id));
  others.delete("overloaded");
  acquired(balancer, 0, { ...CALL, avoid: others }).settle(testOutcome("overload", { retryAfterMs: 1_500 }), 0);
  balancer.observe("lost", "unreachable", 0);
  balancer.observe("back", "unreachable", 0);
  balancer.observe("back", "connecting", 0);
  balancer.observe("connecting", "connecting", 0);
  balancer.observe("leaving", { ...REPORT, draining: true }, 0);
  const reasons = Object.fromEntries(balancer.inspect(300).members.map((member) => [member.endpoint.id, member.reason]));
  expect(reasons).toMatchObject({
    eligible: "eligible",
    ejected: "ejected after 5 failures in a row, probed in 0.7 s",
    overloaded: "overloaded: asked to be left alone, for 1.2 s more",
    lost: "unreachable: sessions keep trying",
    back: "connecting again after it was unreachable",
    connecting: "connecting: used when no healthy one is connected",
    draining: "draining: discovery says so",
    sick: "unhealthy: discovery says so",
    leaving: "draining: its report says so",
    next: "eligible",
    fallback: "fallback level 2: used when the levels before it run short of eligible endpoints",
  });
  expect(memberOf(balancer, "ejected", 300)).toMatchObject({ eligible: false, ejection: "ejected", ejectedForMs: 700 });
  expect(memberOf(balancer, "ejected", 1_000)).toMatchObject({
    eligible: true,
    ejection: "probing",
    reason: "eligible although probing: one call decides",
  });
  expect(memberOf(balancer, "ejected", 1_000).ejectedForMs).toBeUndefined();
});

test("a member that is eligible for want of better ones says so", () => {
  const balancer = balancerOf([endpoint("a", { health: "draining" })]);
  expect(memberOf(balancer, "a")).toMatchObject({ eligible: true, reason: "eligible although draining: discovery says so" });
});

test("a snapshot is plain: it survives JSON, and does not change afterwards", () => {
  const balancer = balancerOf([endpoint("a"), endpoint("b")]);
  balancer.observe("a", REPORT, 0);
  const snapshot = balancer.inspect(0);
  const copy = JSON.parse(JSON.stringify(snapshot));
  acquired(balancer).settle(testOutcome("success"), 0);
  balancer.observe("a", "unreachable", 0);
  expect(snapshot).toEqual(copy);
});

test("asking changes nothing: a balancer that is asked all the time chooses as one that is never asked", () => {
  const run = (ask: boolean): string[] => {
    const told: string[] = [];
    const balancer = balancerOf(
      ["a", "b", "c", "d", "e"].map((id) => endpoint(id)),
      { onEvent: (event) => told.push(event.type) },
    );
    for (let nowMs = 0; nowMs < 20_000; nowMs += 50) {
      if (ask) balancer.inspect(nowMs);
      if (ask) balancer.explain(CALL, nowMs);
      const lease = acquired(balancer, nowMs);
      told.push(lease.endpoint.id);
      lease.settle(testOutcome(lease.endpoint.id < "c" ? "failure" : "success"), nowMs + 1);
    }
    return told;
  };
  expect(run(true)).toEqual(run(false));
});

test.each<[sentence: string, avoid: readonly string[], shard: string | undefined]>([
  ["3 known: 1 already tried, 1 unreachable, 1 ejected (5 failures in a row), next probe in 0.8 s", ["a"], undefined],
  ["all 3 known were already tried for this call", ["a", "b", "c"], undefined],
  ['none of 3 known has shard "7"', [], "7"],
  ['all 1 known of shard "1" were already tried for this call', ["c"], "1"],
])("explains: %s", (sentence, avoid, shard) => {
  const balancer = balancerOf([endpoint("a"), endpoint("b"), endpoint("c", { labels: { shard: "1" } })], { ejection: { jitter: 0 } });
  fail(balancer, "c", 5);
  balancer.observe("b", "unreachable", 0);
  const context = { ...CALL, avoid: new Set(avoid), shard };
  expect(balancer.explain(context, 200)).toBe(sentence);
});

test("explains an empty set, and a wholly unreachable one", () => {
  const balancer = balancerOf([]);
  expect(balancer.explain(CALL, 0)).toBe("the endpoint set is empty");
  balancer.update([endpoint("a"), endpoint("b")], 0);
  balancer.observe("a", "unreachable", 0);
  balancer.observe("b", "unreachable", 0);
  expect(balancer.explain(CALL, 0)).toBe("2 known: 2 unreachable");
});

test("each of 1 to 10,000 endpoints can be chosen, and choosing takes no more chance among many than among ten", () => {
  const drawsOf = (count: number): number => {
    let drawn = 0;
    const chance = seededRandom(7);
    const random = () => {
      drawn += 1;
      return chance();
    };
    const balancer = balancerOf(
      Array.from({ length: count }, (_, place) => endpoint(`e${place}`)),
      { random },
    );
    for (let call = 0; call < 2_000; call += 1) acquired(balancer, call).settle(testOutcome("success"), call);
    return drawn / 2_000;
  };
  const least = drawsOf(1);
  expect(least).toBeGreaterThanOrEqual(1);
  for (const count of [2, 3, 10, 1_000, 10_000]) expect(drawsOf(count)).toBeLessThan(least + 4);
});
