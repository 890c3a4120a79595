import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer, Lease } from "../balancer.ts";
import type { BalancerEvent } from "../balancer-event.ts";
import type { BalancerOptions } from "../balancer-options.ts";
import { createBalancer } from "../create-balancer.ts";
import type { Outcome, OutcomeKind } from "../outcome.ts";
import type { PickContext } from "../pick-context.ts";
import { consecutiveFailures } from "./consecutive-failures.ts";
import type { Detector } from "./detector.ts";
import { successRate } from "./success-rate.ts";

const CALL = { method: "shop.Checkout/Pay" };
const EXACT = { jitter: 0 };

/** Accuses at each failure, so that the ejector's bound alone keeps endpoints in. */
const anyFailure: Detector = () => ({
  onOutcome: (_, { kind }) => (kind === "failure" ? "it failed" : undefined),
});

function balancerOf(count: number, options: Partial<BalancerOptions> = {}): Balancer {
  const balancer = createBalancer({ random: seededRandom(7), ejection: EXACT, ...options });
  balancer.update(endpoints(count), 0);
  return balancer;
}

function endpoints(count: number) {
  return Array.from({ length: count }, (_, index) => testEndpoint({ id: `e${index}` }));
}

/** Calls that can go to exactly this endpoint. */
function callsTo(balancer: Balancer, id: string, nowMs: number): PickContext {
  const ids = balancer.inspect(nowMs).members.map((member) => member.endpoint.id);
  return { ...CALL, avoid: new Set(ids.filter((other) => other !== id)) };
}

/** A lease on exactly this endpoint, if it is eligible. */
function leaseOn(balancer: Balancer, id: string, nowMs: number): Lease | undefined {
  return balancer.acquire(callsTo(balancer, id, nowMs), nowMs);
}

/** So many calls on the endpoint, one after the other. */
function calls(balancer: Balancer, id: string, outcome: OutcomeKind | Outcome, times: number, nowMs = 0): void {
  const context = callsTo(balancer, id, nowMs);
  for (let call = 0; call < times; call += 1) {
    const lease = balancer.acquire(context, nowMs);
    expect(lease?.endpoint.id).toBe(id);
    lease?.settle(typeof outcome === "string" ? testOutcome(outcome) : outcome, nowMs);
  }
}

function standing(balancer: Balancer, id: string, nowMs: number): string | undefined {
  const member = balancer.inspect(nowMs).members.find(({ endpoint }) => endpoint.id === id);
  return member?.ejectedForMs === undefined ? member?.ejection : `ejected for ${member.ejectedForMs} ms`;
}

function ejected(balancer: Balancer, nowMs = 0): number {
  return balancer.inspect(nowMs).members.filter((member) => member.ejection !== "none").length;
}

test.each(["failure", "timeout"] as const)("five of %s in a row eject an endpoint, four do not", (kind) => {
  const balancer = balancerOf(3);
  calls(balancer, "e0", kind, 4);
  expect(standing(balancer, "e0", 0)).toBe("none");
  calls(balancer, "e0", kind, 1);
  expect(standing(balancer, "e0", 0)).toBe("ejected for 1000 ms");
  expect(leaseOn(balancer, "e0", 999)).toBeUndefined();
});

test("a success starts the count anew", () => {
  const balancer = balancerOf(3);
  for (let round = 0; round < 10; round += 1) {
    calls(balancer, "e0", "failure", 4);
    calls(balancer, "e0", "success", 1);
  }
  expect(standing(balancer, "e0", 0)).toBe("none");
});

test.each(["abandoned", "refused", "unreachable", "overload"] as const)("%s neither counts against an endpoint nor for it", (kind) => {
  const balancer = balancerOf(3);
  calls(balancer, "e0", kind, 100);
  expect(standing(balancer, "e0", 0)).toBe("none");
  calls(balancer, "e0", "failure", 4);
  calls(balancer, "e0", kind, 100);
  calls(balancer, "e0", "failure", 1);
  expect(standing(balancer, "e0", 0)).toBe("ejected for 1000 ms");
});

test("each failed probe doubles the ejection, up to 60 s", () => {
  const balancer = balancerOf(3);
  calls(balancer, "e0", "failure", 5);
  let nowMs = 0;
  const lengths: (string | undefined)[] = [];
  for (const forMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
    lengths.push(standing(balancer, "e0", nowMs));
    expect(standing(balancer, "e0", nowMs + forMs - 1)).toBe("ejected for 1 ms");
    nowMs += forMs;
    expect(standing(balancer, "e0", nowMs)).toBe("probing");
    calls(balancer, "e0", "failure", 1, nowMs);
  }
  expect(lengths.map((length) => length?.match(/\d+/)?.[0]).map(Number)).toEqual([1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 60e3, 60e3]);
});

test("jitter spreads ejections over half to one and a half times their length", () => {
  const balancer = balancerOf(1_000, { ejection: {} });
  for (let index = 0; index < 500; index += 1) calls(balancer, `e${index}`, "failure", 5);
  const lengths = balancer.inspect(0).members.flatMap(({ ejectedForMs }) => ejectedForMs ?? []);
  expect(lengths.length).toBe(500);
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(500);
  expect(Math.min(...lengths)).toBeLessThan(550);
  expect(Math.max(...lengths)).toBeGreaterThan(1_450);
  expect(Math.max(...lengths)).toBeLessThan(1_500);
});

test("a probing endpoint has one unanswered call at a time, and its success readmits it", () => {
  const events: BalancerEvent[] = [];
  const balancer = balancerOf(3, { onEvent: (event) => events.push(event) });
  calls(balancer, "e0", "failure", 5);
  const probe = leaseOn(balancer, "e0", 1_000);
  expect(leaseOn(balancer, "e0", 1_000)).toBeUndefined();
  probe?.settle(testOutcome("success"), 1_010);
  expect(standing(balancer, "e0", 1_010)).toBe("none");
  expect([leaseOn(balancer, "e0", 1_010), leaseOn(balancer, "e0", 1_010)]).not.toContain(undefined);
  expect(events.slice(3)).toEqual([
    { type: "endpointEjected", endpoint: endpoints(1)[0], reason: "5 failures in a row", forMs: 1_000 },
    { type: "endpointReadmitted", endpoint: endpoints(1)[0] },
  ]);
});

test.each(["abandoned", "refused", "unreachable", "overload"] as const)(
  "a probe that ends in %s decides nothing and frees its place",
  (kind) => {
    const balancer = balancerOf(3);
    calls(balancer, "e0", "failure", 5);
    calls(balancer, "e0", kind, 3, 1_000);
    expect(standing(balancer, "e0", 1_000)).toBe("probing");
    calls(balancer, "e0", "success", 1, 1_000);
    expect(standing(balancer, "e0", 1_000)).toBe("none");
  },
);

test("a probe that is answered with an overload has failed; one that is turned away before the handler decides nothing", () => {
  const balancer = balancerOf(3);
  calls(balancer, "e0", "failure", 5);
  calls(balancer, "e0", testOutcome("overload", { processed: "no" }), 1, 1_000);
  expect(standing(balancer, "e0", 1_000)).toBe("probing");
  calls(balancer, "e0", testOutcome("overload", { processed: "yes" }), 1, 1_000);
  expect(standing(balancer, "e0", 1_000)).toBe("ejected for 2000 ms");
});

test("a probe that was answered but goes on, as a stream does, lets another call probe", () => {
  const balancer = balancerOf(3);
  calls(balancer, "e0", "failure", 5);
  const stream = leaseOn(balancer, "e0", 1_000);
  stream?.responded(undefined, 1_010);
  stream?.responded(undefined, 1_011);
  const second = leaseOn(balancer, "e0", 1_011);
  expect(second).toBeDefined();
  expect(leaseOn(balancer, "e0", 1_011)).toBeUndefined();
  stream?.settle(testOutcome("abandoned"), 1_012);
  expect(leaseOn(balancer, "e0", 1_012)).toBeUndefined();
  second?.settle(testOutcome("success"), 1_013);
  expect(standing(balancer, "e0", 1_013)).toBe("none");
});

test("calls from before the ejection decide nothing, neither while probing nor after the readmission", () => {
  const balancer = balancerOf(3);
  const old = Array.from({ length: 12 }, () => leaseOn(balancer, "e0", 0));
  const settleTwo = (kind: OutcomeKind, nowMs: number) => {
    for (const lease of old.splice(0, 2)) lease?.settle(testOutcome(kind), nowMs);
  };
  calls(balancer, "e0", "failure", 5, 1);
  settleTwo("success", 2);
  expect(standing(balancer, "e0", 2)).toBe("ejected for 999 ms");
  settleTwo("success", 1_001);
  settleTwo("failure", 1_001);
  expect(standing(balancer, "e0", 1_001)).toBe("probing");
  calls(balancer, "e0", "success", 1, 1_001);
  for (const lease of old) lease?.settle(testOutcome("timeout"), 1_100);
  expect(standing(balancer, "e0", 1_100)).toBe("none");
});

test.each([
  [0, 1_999, 4_000],
  [0, 2_000, 1_000],
  [5_000, 4_999, 4_000],
  [5_000, 5_000, 1_000],
  [undefined, 29_999, 4_000],
  [undefined, 30_000, 1_000],
])(
  "backoff starts anew once the endpoint stayed in for as long as it was out, 2 s, and for steadyMs: with %s, after %i ms it is out for %i ms",
  (steadyMs, stayedMs, forMs) => {
    const balancer = balancerOf(3, { ejection: { ...EXACT, steadyMs } });
    calls(balancer, "e0", "failure", 5);
    calls(balancer, "e0", "failure", 1, 1_000);
    calls(balancer, "e0", "success", 1, 3_000);
    calls(balancer, "e0", "failure", 5, 3_000 + stayedMs);
    expect(standing(balancer, "e0", 3_000 + stayedMs)).toBe(`ejected for ${forMs} ms`);
  },
);

test.each([
  [1, 0],
  [2, 1],
  [3, 1],
  [4, 2],
  [5, 2],
  [10, 5],
])("of %i endpoints that are all accused, %i are ejected at most", (count, bound) => {
  const balancer = balancerOf(count, { ejection: { ...EXACT, detectors: [anyFailure] } });
  for (let call = 0; call < 1_000; call += 1) {
    balancer.acquire(CALL, 0)?.settle(testOutcome("failure"), 0);
    expect(ejected(balancer)).toBeLessThanOrEqual(bound);
  }
  expect(ejected(balancer)).toBe(bound);
});

test("endpoints that are probing count as out: no other takes their place", () => {
  const balancer = balancerOf(4);
  calls(balancer, "e0", "failure", 5);
  calls(balancer, "e1", "failure", 5);
  calls(balancer, "e2", "failure", 50, 5_000);
  expect([standing(balancer, "e0", 5_000), standing(balancer, "e2", 5_000)]).toEqual(["probing", "none"]);
  calls(balancer, "e0", "success", 1, 5_000);
  calls(balancer, "e2", "failure", 1, 5_000);
  expect(standing(balancer, "e2", 5_000)).toBe("ejected for 1000 ms");
});

test("an endpoint that leaves makes room for another ejection", () => {
  const balancer = balancerOf(2);
  calls(balancer, "e0", "failure", 5);
  balancer.update([testEndpoint({ id: "e1" }), testEndpoint({ id: "e2" })], 0);
  calls(balancer, "e1", "failure", 5);
  expect(standing(balancer, "e1", 0)).toBe("ejected for 1000 ms");
});

test("when the set shrinks, those whose time is over first come back until the bound holds", () => {
  const readmitted: string[] = [];
  const balancer = balancerOf(8, {
    onEvent: (event) => {
      if (event.type === "endpointReadmitted") readmitted.push(event.endpoint.id);
    },
  });
  for (const index of [3, 2, 1, 0]) calls(balancer, `e${index}`, "failure", 5, 10 - index);
  balancer.update(endpoints(5), 20);
  expect(readmitted).toEqual(["e3", "e2"]);
  expect(standing(balancer, "e1", 20)).toBe("ejected for 989 ms");
  expect(standing(balancer, "e2", 20)).toBe("none");
  balancer.update(endpoints(1), 20);
  expect(readmitted).toEqual(["e3", "e2", "e0"]);
  expect(standing(balancer, "e0", 20)).toBe("none");
});

test("of two or more, one may be ejected however small the share", () => {
  const balancer = balancerOf(3, { ejection: { ...EXACT, maxEjectedShare: 0.1 } });
  calls(balancer, "e0", "failure", 5);
  calls(balancer, "e1", "failure", 5);
  expect(ejected(balancer)).toBe(1);
});

test("in panic an ejected endpoint takes calls, and neither success nor failure changes how long it is out", () => {
  const balancer = balancerOf(2);
  calls(balancer, "e0", "failure", 5);
  balancer.observe("e1", "unreachable", 0);
  calls(balancer, "e0", "failure", 10, 100);
  calls(balancer, "e0", "success", 10, 200);
  expect(standing(balancer, "e0", 200)).toBe("ejected for 800 ms");
});

test("in panic a probing endpoint takes any number of calls; the first to fail or succeed decides", () => {
  const balancer = balancerOf(2);
  calls(balancer, "e0", "failure", 5);
  balancer.observe("e1", "unreachable", 0);
  const leases = Array.from({ length: 3 }, () => leaseOn(balancer, "e0", 1_000));
  expect(leases).not.toContain(undefined);
  leases[0]?.settle(testOutcome("failure"), 1_001);
  leases[1]?.settle(testOutcome("success"), 1_001);
  expect(standing(balancer, "e0", 1_001)).toBe("ejected for 2000 ms");
  balancer.observe("e1", "ready", 3_001);
  const probe = leaseOn(balancer, "e0", 3_001);
  expect(probe).toBeDefined();
  leases[2]?.settle(testOutcome("success"), 3_001);
  expect(leaseOn(balancer, "e0", 3_001)).toBeUndefined();
  probe?.settle(testOutcome("success"), 3_002);
  expect(standing(balancer, "e0", 3_002)).toBe("none");
});

test("without ejection nobody is ever out", () => {
  const balancer = balancerOf(3, { ejection: false });
  calls(balancer, "e0", "failure", 100);
  expect(ejected(balancer)).toBe(0);
});

test("every option counts", () => {
  const options = {
    detectors: [consecutiveFailures({ failures: 2 })],
    baseMs: 100,
    maxMs: 250,
    multiplier: 3,
    jitter: 0,
    maxEjectedShare: 0.25,
  };
  const balancer = balancerOf(8, { ejection: options });
  for (const id of ["e0", "e1", "e2"]) calls(balancer, id, "failure", 2);
  expect(["e0", "e1", "e2"].map((id) => standing(balancer, id, 0))).toEqual(["ejected for 100 ms", "ejected for 100 ms", "none"]);
  calls(balancer, "e0", "failure", 1, 100);
  expect(standing(balancer, "e0", 100)).toBe("ejected for 250 ms");
});

test("detectors work side by side: each sees every outcome but abandoned ones, and the first reason is given", () => {
  const seen: OutcomeKind[] = [];
  const watching: Detector = () => ({
    onOutcome(_, outcome) {
      seen.push(outcome.kind);
      return outcome.kind === "timeout" ? "it is slow" : undefined;
    },
  });
  const reasons: string[] = [];
  const balancer = balancerOf(3, {
    ejection: { ...EXACT, detectors: [consecutiveFailures({ failures: 2 }), watching] },
    onEvent: (event) => {
      if (event.type === "endpointEjected") reasons.push(event.reason);
    },
  });
  for (const kind of ["success", "abandoned", "timeout"] as const) calls(balancer, "e0", kind, 1);
  calls(balancer, "e0", "failure", 1, 1_000);
  expect(seen).toEqual(["success", "timeout"]);
  expect(reasons).toEqual(["it is slow", "its probe failed"]);
});

test("by default an endpoint that fails every second call is ejected with its tenth, while the others do well", () => {
  const reasons: string[] = [];
  const balancer = balancerOf(10, { onEvent: (event) => event.type === "endpointEjected" && reasons.push(event.reason) });
  for (let index = 1; index < 10; index += 1) calls(balancer, `e${index}`, "success", 10);
  for (let pair = 0; pair < 5; pair += 1) {
    expect(standing(balancer, "e0", 0)).toBe("none");
    calls(balancer, "e0", "success", 1);
    calls(balancer, "e0", "failure", 1);
  }
  expect(standing(balancer, "e0", 0)).toBe("ejected for 1000 ms");
  expect(reasons).toEqual(["success rate 0.50 of 10 calls (median 1.00)"]);
});

test("what led to an ejection does not count again after it", () => {
  const balancer = balancerOf(2, { ejection: { ...EXACT, detectors: [successRate()] } });
  calls(balancer, "e1", "success", 10);
  calls(balancer, "e0", "failure", 10);
  calls(balancer, "e0", "success", 1, 1_000);
  calls(balancer, "e0", "failure", 9, 1_000);
  expect(standing(balancer, "e0", 1_000)).toBe("none");
  calls(balancer, "e0", "failure", 1, 1_000);
  expect(standing(balancer, "e0", 1_000)).toBe("ejected for 2000 ms");
});

test("a newcomer does not answer for the endpoint that had its place before", () => {
  const balancer = balancerOf(2, { ejection: { ...EXACT, detectors: [successRate()] } });
  calls(balancer, "e1", "success", 10);
  calls(balancer, "e0", "failure", 9);
  balancer.update([testEndpoint({ id: "e1" }), testEndpoint({ id: "new" })], 0);
  calls(balancer, "new", "failure", 9);
  expect(standing(balancer, "new", 0)).toBe("none");
});

test("a detector serves several balancers, and none of them hears of another", () => {
  const detectors = [consecutiveFailures(), successRate()];
  const [one, other] = [balancerOf(2, { ejection: { ...EXACT, detectors } }), balancerOf(2, { ejection: { ...EXACT, detectors } })];
  calls(one, "e1", "success", 10);
  calls(other, "e1", "failure", 4);
  calls(other, "e0", "failure", 4);
  calls(one, "e0", "failure", 4);
  expect([standing(one, "e0", 0), standing(other, "e0", 0)]).toEqual(["none", "none"]);
  calls(one, "e0", "failure", 1);
  expect([standing(one, "e0", 0), standing(other, "e0", 0)]).toEqual(["ejected for 1000 ms", "none"]);
});
