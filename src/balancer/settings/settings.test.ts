import { expect, test } from "vitest";
import { ConfigurationError } from "../../configuration-error.ts";
import type { ServiceConfig } from "../../service-config.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer } from "../balancer.ts";
import type { BalancerOptions } from "../balancer-options.ts";
import { createBalancer } from "../create-balancer.ts";
import type { PickContext } from "../pick-context.ts";
import { roundRobin } from "../policies/round-robin.ts";
import type { Policy } from "../policy.ts";

const CALL: PickContext = { method: "shop.Checkout/Pay" };
const IDS = ["a", "b", "c", "d"];

function balancerOf(options: Partial<BalancerOptions> = {}): Balancer {
  const balancer = createBalancer({ random: seededRandom(7), slowStart: false, ...options });
  balancer.update(
    IDS.map((id) => testEndpoint({ id })),
    0,
  );
  return balancer;
}

/** One call, to an endpoint if it is named. */
function call(balancer: Balancer, nowMs: number, kind: "success" | "failure" = "success", id?: string, latencyMs = 1): string | undefined {
  const avoid = new Set(IDS.filter((other) => id !== undefined && other !== id));
  const lease = balancer.acquire({ ...CALL, avoid }, nowMs);
  lease?.settle(testOutcome(kind, { latencyMs }), nowMs);
  return lease?.endpoint.id;
}

function eject(balancer: Balancer, id: string): void {
  for (let failure = 0; failure < 5; failure += 1) call(balancer, 0, "failure", id);
  expect(stateOf(balancer, id, 0)).toBe("ejected");
}

function stateOf(balancer: Balancer, id: string, nowMs: number): string | undefined {
  return balancer.inspect(nowMs).members.find(({ endpoint }) => endpoint.id === id)?.ejection;
}

const turns: ServiceConfig = { policy: { name: "roundRobin" } };

test("what discovery says is in force, setting by setting, unless code says otherwise", () => {
  const balancer = balancerOf({ panicThreshold: 0.2 });
  balancer.configure({ panicThreshold: 0.7, overprovisioningFactor: 2, policy: { name: "powerOfTwo", parameters: { choices: 3 } } }, 0);
  expect(balancer.inspect(0).settings).toEqual({
    policy: { value: { name: "powerOfTwo", parameters: { choices: 3 } }, from: "discovery" },
    ejection: { value: { name: "probing" }, from: "default" },
    panicThreshold: { value: 0.2, from: "code" },
    overprovisioningFactor: { value: 2, from: "discovery" },
    slowStart: { value: false, from: "code" },
    limits: { value: { maxPending: 1_024, pendingTimeoutMs: 1_000 }, from: "default" },
    affinity: { value: "zone", from: "default" },
  });
  balancer.configure({}, 1);
  expect(balancer.inspect(1).settings).toMatchObject({ policy: { value: { name: "adaptive" }, from: "default" } });
});

test("a policy or detector of code is shown as a function, so that settings survive JSON", () => {
  const { settings } = balancerOf({ policy: ({ candidates }) => ({ pick: (context) => candidates.sample(context) }) }).inspect(0);
  expect(settings.policy).toEqual({ value: "a function", from: "code" });
  expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
});

test("a policy from discovery chooses from the next call on, and with it gone the default does", () => {
  const balancer = balancerOf();
  balancer.configure(turns, 0);
  const first = Array.from({ length: 4 }, () => call(balancer, 0));
  expect([...first].sort()).toEqual(IDS);
  expect(Array.from({ length: 4 }, () => call(balancer, 0))).toEqual(first);
});

test("a policy of code stays, whatever discovery says", () => {
  const policy: Policy = ({ candidates }) => ({ pick: (context) => candidates.at(context, 2) });
  const balancer = balancerOf({ policy });
  balancer.configure(turns, 0);
  expect([call(balancer, 0), call(balancer, 0)]).toEqual(["c", "c"]);
});

test("a policy that stays the same keeps what it learned, whatever else changes", () => {
  const balancer = balancerOf();
  const name = { name: "peakEwma", parameters: { decayMs: 1e9 } };
  balancer.configure({ policy: name }, 0);
  for (const id of IDS) call(balancer, 0, "success", id, id === "b" ? 1 : 1_000);
  balancer.configure({ policy: { ...name }, panicThreshold: 0.3, slowStart: { windowMs: 1_000 }, ejection: false }, 0);
  const counts = Array.from({ length: 200 }, () => call(balancer, 1)).filter((id) => id === "b").length;
  expect(counts).toBeGreaterThan(90);
});

test("a new policy knows the latest reports and the calls in flight", () => {
  const balancer = balancerOf();
  for (const id of IDS) balancer.observe(id, { requestsPerSecond: 100, errorsPerSecond: 0, utilization: id === "a" ? 1 : 0.1 }, 5);
  const held = balancer.acquire({ ...CALL, avoid: new Set(["a", "b", "c"]) }, 7);
  balancer.configure({ policy: { name: "weightedRoundRobin", parameters: { blackoutMs: 0, raiseMs: 0 } } }, 8);
  expect(balancer.inspect(8).members.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0, 1]);
  const calls = Array.from({ length: 310 }, () => call(balancer, 8));
  expect(calls.filter((id) => id === "a").length).toBeCloseTo(10, -1);
  held?.settle(testOutcome("success"), 9);
  expect(balancer.inspect(9).members.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0, 0]);
});

test.each<[name: string, config: ServiceConfig]>([
  ["other times", { ejection: { name: "probing", parameters: { baseMs: 60_000 } } }],
  ["none from now on", { ejection: false }],
  ["gRPC's", { ejection: { name: "outlierDetection" } }],
])("who is ejected stays out when ejection changes, and comes back: %s", (_, config) => {
  const balancer = balancerOf({ policy: roundRobin() });
  eject(balancer, "a");
  balancer.configure(config, 0);
  expect(stateOf(balancer, "a", 1)).toBe("ejected");
  // Outlier detection readmits at its sweeps, ours after a probe.
  for (let nowMs = 2_000; nowMs <= 60_000; nowMs += 1_000) for (let calls = 0; calls < 4; calls += 1) call(balancer, nowMs);
  expect(stateOf(balancer, "a", 60_000)).toBe("none");
});

test("failures in a row go on being counted when ejection changes", () => {
  const balancer = balancerOf();
  for (let failure = 0; failure < 3; failure += 1) call(balancer, 0, "failure", "c");
  balancer.configure({ ejection: { name: "probing", parameters: { baseMs: 60_000 } } }, 0);
  for (let failure = 0; failure < 2; failure += 1) call(balancer, 1, "failure", "c");
  expect(stateOf(balancer, "c", 1)).toBe("ejected");
});

test("those who were out count for the bound of the new ejection", () => {
  const balancer = balancerOf();
  eject(balancer, "a");
  eject(balancer, "b");
  balancer.configure({ ejection: { name: "probing", parameters: { jitter: 0 } } }, 0);
  for (let failure = 0; failure < 20; failure += 1) call(balancer, 1, "failure", "c");
  expect(stateOf(balancer, "c", 1)).toBe("none");
});

test("a smaller bound lets those back whose time is over first", () => {
  const told: string[] = [];
  const balancer = balancerOf({ onEvent: (event) => told.push(event.type) });
  eject(balancer, "a");
  eject(balancer, "b");
  balancer.configure({ ejection: { name: "probing", parameters: { maxEjectedShare: 0 } } }, 1);
  expect(IDS.map((id) => stateOf(balancer, id, 1)).sort()).toEqual(["ejected", "none", "none", "none"]);
  expect(told).toContain("endpointReadmitted");
});

test("slow start from discovery counts for those who are in it already", () => {
  const balancer = createBalancer({ random: seededRandom(7) });
  const endpoints = IDS.map((id) => testEndpoint({ id }));
  balancer.update(endpoints.slice(1), 0);
  balancer.update(endpoints, 100);
  const shareOfA = (nowMs: number) => balancer.inspect(nowMs).members.find(({ endpoint }) => endpoint.id === "a")?.reason;
  expect(shareOfA(15_100)).toBe("eligible, in slow start at 50 %");
  balancer.configure({ slowStart: { windowMs: 60_000 } }, 15_100);
  expect(shareOfA(15_100)).toBe("eligible, in slow start at 25 %");
  balancer.configure({ slowStart: false }, 15_100);
  expect(shareOfA(15_100)).toBe("eligible");
});

test("the panic threshold counts at once, and the change is told", () => {
  const told: unknown[] = [];
  const balancer = balancerOf({ onEvent: (event) => event.type === "panicChanged" && told.push(event.panic) });
  eject(balancer, "a");
  balancer.configure({ panicThreshold: 0.9 }, 1);
  balancer.configure({}, 2);
  expect(told).toEqual([true, false]);
});

test.each<[config: unknown, problem: string]>([
  [7, "options: expected an object, got 7"],
  [
    { policy: { name: "fastest" } },
    'policy.name: expected one of adaptive, leastInFlight, maglev, peakEwma, powerOfTwo, prequalHcl, random, ringHash, roundRobin, weightedRoundRobin, got "fastest"',
  ],
  [{ policy: { name: "toString" } }, "policy.name: expected one of "],
  [{ policy: "roundRobin" }, 'policy: expected an object, got "roundRobin"'],
  [{ policy: { name: "powerOfTwo", parameters: { choices: 1 } } }, "powerOfTwo.choices: expected a whole number, 2 or more, got 1"],
  [{ policy: { name: "powerOfTwo", parameters: { choice: 3 } } }, "powerOfTwo.choice: unknown; did you mean choices?"],
  [{ policy: { name: "roundRobin", parameters: { choices: 3 } } }, "roundRobin.choices: roundRobin has no parameters"],
  [{ ejection: true }, "ejection: expected a name with parameters, or false, got true"],
  [{ ejection: { name: "probing", parameters: { baseMs: -1 } } }, "probing.baseMs: expected a number of milliseconds, 0 or more, got -1"],
  [{ panicThreshold: 50 }, "panicThreshold: expected a number from 0 to 1, got 50; 50 % is 0.5"],
  [{ overprovisioningFactor: 140 }, "overprovisioningFactor: expected a number from 1 to 10, got 140"],
  [{ slowStart: { windowMs: 0 } }, "slowStart.windowMs: expected a number of milliseconds above 0, got 0"],
  [{ polcy: {} }, "polcy: unknown; did you mean policy?"],
])("%j can't be used, and the last good configuration stays whole", (config, problem) => {
  const balancer = balancerOf();
  balancer.configure({ ...turns, panicThreshold: 0.3 }, 0);
  const { settings } = balancer.inspect(0);
  const configure = () => balancer.configure({ overprovisioningFactor: 3, ...(config as object) } as ServiceConfig, 1);
  if (typeof config === "object") expect(configure).toThrow(problem);
  expect(() => balancer.configure(config as ServiceConfig, 1)).toThrow(ConfigurationError);
  expect(balancer.inspect(1).settings).toEqual(settings);
  expect(new Set(Array.from({ length: 4 }, () => call(balancer, 1))).size).toBe(4);
});
