import { expect, test } from "vitest";
import { ConfigurationError } from "../../configuration-error.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { BalancerEvent } from "../balancer-event.ts";
import type { BalancerOptions } from "../balancer-options.ts";
import { createBalancer } from "../create-balancer.ts";
import type { Accuser, Detector } from "../ejection/detector.ts";
import type { Ejection, Ejector } from "../ejection/ejection.ts";
import { outlierDetection } from "../ejection/outlier-detection.ts";
import { successRate } from "../ejection/success-rate.ts";
import type { PickContext } from "../pick-context.ts";
import { powerOfTwo } from "../policies/power-of-two.ts";
import { roundRobin } from "../policies/round-robin.ts";
import type { Picker, Policy } from "../policy.ts";

const CALL: PickContext = { method: "shop.Checkout/Pay" };
const REPORT = { requestsPerSecond: 100, errorsPerSecond: 1, utilization: 1 };
const here = testEndpoint({ id: "here", locality: { region: "eu", zone: "a" } });
const there = testEndpoint({ id: "there", locality: { region: "eu", zone: "b" } });

const fails = (): never => {
  throw new Error("boom");
};

/** Sampling, apart from what is given. */
const policyWith =
  (methods: Partial<Picker>): Policy =>
  ({ candidates }) => ({ pick: (context) => candidates.sample(context), ...methods });

const detectorWith =
  (methods: Partial<Accuser>): Detector =>
  () => ({ onOutcome: () => undefined, ...methods });

const ejectionWith =
  (methods: Partial<Ejector>): Ejection =>
  () => ({ reviewAtMs: 0, onOutcome: () => undefined, review: () => [], forget: () => {}, ...methods });

/** Twenty calls over two zones, with all that happens to a call; then one endpoint leaves. */
function liveThrough(options: Partial<BalancerOptions>) {
  const events: BalancerEvent[] = [];
  const balancer = createBalancer({
    random: seededRandom(7),
    zone: "a",
    spill: { aboveUtilization: 0 },
    onEvent: (event) => events.push(event),
    ...options,
  });
  balancer.update([here, there], 0);
  const served: (string | undefined)[] = [];
  for (let nowMs = 1; nowMs <= 20; nowMs += 1) {
    const lease = balancer.acquire(CALL, nowMs);
    served.push(lease?.endpoint.id);
    lease?.responded(REPORT, nowMs);
    lease?.settle(testOutcome(nowMs % 2 === 0 ? "failure" : "success"), nowMs);
  }
  balancer.update([here], 21);
  const inFlight = balancer.inspect(21).members.map((member) => member.inFlight);
  return { served, inFlight, failures: events.filter((event) => event.type === "plugInFailed") };
}

test.each<[string, string, Partial<BalancerOptions>]>([
  ["policy", "membership", { policy: policyWith({ membership: fails }) }],
  ["policy", "pick", { policy: policyWith({ pick: fails }) }],
  ["policy", "cost", { policy: policyWith({ cost: fails }) }],
  ["policy", "onStart", { policy: policyWith({ onStart: fails }) }],
  ["policy", "onReport", { policy: policyWith({ onReport: fails }) }],
  ["policy", "onSettle", { policy: policyWith({ onSettle: fails }) }],
  ["detector", "onOutcome", { ejection: { detectors: [detectorWith({ onOutcome: fails })] } }],
  ["detector", "forget", { ejection: { detectors: [detectorWith({ forget: fails })] } }],
  ["ejection", "onOutcome", { ejection: ejectionWith({ onOutcome: fails }) }],
  ["ejection", "review", { ejection: ejectionWith({ review: fails }) }],
  ["ejection", "forget", { ejection: ejectionWith({ forget: fails }) }],
])("%s: what throws in %s is told of once, every call finds an endpoint, and all load is released", (plugIn, method, options) => {
  const { served, inFlight, failures } = liveThrough(options);
  expect(failures).toEqual([{ type: "plugInFailed", plugIn, method, error: new Error("boom") }]);
  expect(served).not.toContain(undefined);
  expect(inFlight).toEqual([0]);
});

const stranger = { slot: 0, endpoint: testEndpoint({ id: "x" }) } as ReturnType<Picker["pick"]>;

test.each<[string, Policy, string]>([
  ["a stranger", policyWith({ pick: () => stranger }), `it chose "x", which may not take this call: choose through env.candidates`],
  ["null", policyWith({ pick: () => null as never }), "it chose null, which may not take this call: choose through env.candidates"],
  ["a promise", policyWith({ pick: (async () => undefined) as never }), "it returned a promise: its methods are synchronous"],
])("a policy that chooses %s is told of once, and the call goes to one of the eligible", (_, policy, message) => {
  const { served, failures } = liveThrough({ policy });
  expect(failures).toMatchObject([{ plugIn: "policy", method: "pick", error: { message } }]);
  expect(served).not.toContain(undefined);
});

test("a policy that chooses whom the call avoids does not get its way", () => {
  const events: BalancerEvent[] = [];
  const policy: Policy = ({ candidates }) => ({ pick: (context) => candidates.sample({ ...context, avoid: undefined }) });
  const balancer = createBalancer({ random: seededRandom(7), policy, onEvent: (event) => events.push(event) });
  balancer.update([here, there], 0);
  const avoid = new Set(["here"]);
  for (let call = 0; call < 20; call += 1) expect(balancer.acquire({ ...CALL, avoid }, 0)?.endpoint.id).toBe("there");
  avoid.add("there");
  expect(balancer.acquire({ ...CALL, avoid }, 0)).toBeUndefined();
});

test("methods that return a promise are told of, and what it rejects with is nobody's unhandled rejection", () => {
  const rejects = (async () => fails()) as never;
  const { failures } = liveThrough({
    policy: policyWith({ onSettle: rejects }),
    ejection: { detectors: [detectorWith({ onOutcome: rejects })] },
  });
  expect(failures).toMatchObject([
    { plugIn: "detector", method: "onOutcome", error: { message: "it returned a promise: its methods are synchronous" } },
    { plugIn: "policy", method: "onSettle", error: { message: "it returned a promise: its methods are synchronous" } },
  ]);
});

test("a policy that fails to make a picker later on, for another zone or priority, is told of, and calls there go by chance", () => {
  let made = 0;
  const policy: Policy = (env) => (made++ === 0 ? policyWith({})(env) : fails());
  const { served, failures } = liveThrough({ policy });
  expect(failures).toEqual([
    { type: "plugInFailed", plugIn: "policy", method: "creation", error: new ConfigurationError(`${policyWish}; it threw: boom`) },
  ]);
  expect(served).not.toContain(undefined);
});

const policyWish = "policy: expected a policy, such as roundRobin()";
const ejectionWish = "ejection: expected options, false, or what outlierDetection() returns";
const detectorWish = "ejection.detectors[0]: expected a detector, such as consecutiveFailures()";

test.each<[unknown, string]>([
  [{ policy: "round_robin" }, `${policyWish}, got "round_robin"`],
  [{ policy: fails }, `${policyWish}; it threw: boom`],
  [{ policy: () => undefined }, `${policyWish}; it made nothing instead of a picker with a pick method`],
  [{ policy: async () => ({}) }, `${policyWish}; it made a promise instead of a picker with a pick method`],
  [{ policy: powerOfTwo }, `${policyWish}, got powerOfTwo itself: call it, as in powerOfTwo()`],
  [{ policy: roundRobin }, `${policyWish}, got roundRobin itself: call it, as in roundRobin()`],
  [{ policy: () => ({ pick: () => undefined, onSettle: 7 }) }, `${policyWish}; the onSettle of a picker is 7 instead of a function`],
  [{ ejection: fails }, `${ejectionWish}; it threw: boom`],
  [{ ejection: () => undefined }, `${ejectionWish}; it made nothing instead of an ejector with an onOutcome method`],
  [{ ejection: outlierDetection }, `${ejectionWish}, got outlierDetection itself: call it, as in outlierDetection()`],
  [{ ejection: { detectors: [successRate] } }, `${detectorWish}, got successRate itself: call it, as in successRate()`],
  [{ ejection: { detectors: {} } }, "ejection.detectors: expected a list of detectors, got {}"],
  [{ ejection: { detectors: [7] } }, `${detectorWish}, got 7`],
  [{ ejection: { detectors: [fails] } }, `${detectorWish}; it threw: boom`],
  [{ ejection: { detectors: [() => ({})] } }, `${detectorWish}; it made {} instead of an accuser with an onOutcome method`],
])("%o is refused when the balancer is made", (options, message) => {
  expect(() => createBalancer({ random: seededRandom(7), ...(options as Partial<BalancerOptions>) })).toThrow(
    new ConfigurationError(message),
  );
});
