import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LoadReport } from "../load-report.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { testEndpoint } from "../testing/test-endpoint.ts";
import { testOutcome } from "../testing/test-outcome.ts";
import type { Balancer, Lease } from "./balancer.ts";
import { createBalancer } from "./create-balancer.ts";
import { adaptive } from "./policies/adaptive.ts";
import { powerOfTwo } from "./policies/power-of-two.ts";
import { prequalHcl } from "./policies/prequal-hcl.ts";
import { weightedRoundRobin } from "./policies/weighted-round-robin.ts";
import type { Policy } from "./policy.ts";

const context = { method: "shop.Checkout/Pay" };
const policies: readonly [string, Policy][] = [
  ["adaptive", adaptive()],
  ["powerOfTwo", powerOfTwo()],
  ["prequalHcl", prequalHcl()],
  ["weightedRoundRobin", weightedRoundRobin({ blackoutMs: 0 })],
];

function balancerOf(size: number, policy: Policy): Balancer {
  const balancer = createBalancer({ random: seededRandom(7), policy });
  balancer.update(
    Array.from({ length: size }, (_, n) => testEndpoint({ id: `e${n}`, address: `10.0.0.${n}` })),
    0,
  );
  return balancer;
}

/** What happens next: a call begins, or the oldest one ends with a report. */
interface Step {
  readonly afterMs: number;
  readonly report: LoadReport | undefined;
}

const claims = fc.record({
  requestsPerSecond: fc.double({ min: 0, max: 1_000, noNaN: true }),
  errorsPerSecond: fc.constantFrom(0, 1),
  utilization: fc.double({ min: 0, max: 1.5, noNaN: true }),
  inFlight: fc.nat(50),
  latencyMs: fc.nat(500),
  draining: fc.constantFrom(false, false, false, true),
  warmUp: fc.constantFrom(1, 1, 0.5),
});
const steps = fc.array(fc.record({ afterMs: fc.nat(300), report: fc.option(claims, { nil: undefined }) }), {
  minLength: 20,
  maxLength: 120,
});

type Tell = (balancer: Balancer, lease: Lease, report: LoadReport, nowMs: number) => void;
const withTheAnswer: Tell = (_, lease, report, nowMs) => lease.responded(report, nowMs);
const outOfBand: Tell = (balancer, lease, report, nowMs) => {
  lease.responded(undefined, nowMs);
  balancer.observe(lease.endpoint.id, report, nowMs);
};

/** Who got the calls, and what is known at the end. */
function outcomeOf(history: readonly Step[], policy: Policy, tell: Tell) {
  const balancer = balancerOf(4, policy);
  const open: { readonly lease: Lease; readonly startedAtMs: number }[] = [];
  const chosen: (string | undefined)[] = [];
  let nowMs = 0;
  for (const { afterMs, report } of history) {
    nowMs += afterMs;
    const ended = report && open.shift();
    if (report !== undefined && ended !== undefined) {
      tell(balancer, ended.lease, report, nowMs);
      ended.lease.settle(testOutcome("success", { latencyMs: nowMs - ended.startedAtMs }), nowMs);
      continue;
    }
    const lease = balancer.acquire(context, nowMs);
    chosen.push(lease?.endpoint.id);
    if (lease !== undefined) open.push({ lease, startedAtMs: nowMs });
  }
  return { chosen, snapshot: balancer.inspect(nowMs) };
}

test.each(policies)("%s takes a report out of band as the same one with an answer", (_name, policy) => {
  fc.assert(
    fc.property(steps, (history) => {
      expect(outcomeOf(history, policy, outOfBand)).toEqual(outcomeOf(history, policy, withTheAnswer));
    }),
  );
});

describe("a client that makes a call every 5 s", () => {
  const busy: LoadReport = { requestsPerSecond: 90, errorsPerSecond: 0, utilization: 0.95, inFlight: 20, latencyMs: 200 };
  const idle: LoadReport = { requestsPerSecond: 90, errorsPerSecond: 0, utilization: 0.1, inFlight: 1, latencyMs: 20 };

  /** Of 400 calls to eight servers, how many went to the one that is busy. */
  function callsToBusy(policy: Policy, reportsEveryMs: number | undefined): number {
    const balancer = balancerOf(8, policy);
    let count = 0;
    for (let nowMs = 0; nowMs < 400 * 5_000; nowMs += 5_000) {
      if (reportsEveryMs !== undefined) {
        // The newest is as old as it is on average.
        for (let atMs = nowMs - 5_000 + reportsEveryMs / 2; atMs < nowMs; atMs += reportsEveryMs) {
          for (let n = 0; n < 8; n++) balancer.observe(`e${n}`, n === 0 ? busy : idle, atMs);
        }
      }
      const lease = balancer.acquire(context, nowMs) as Lease;
      if (lease.endpoint.id === "e0") count++;
      lease.settle(testOutcome("success", { latencyMs: 20 }), nowMs + 20);
    }
    return count;
  }

  test.each([
    ["adaptive", adaptive(), 500],
    ["prequalHcl", prequalHcl(), 500],
    ["weightedRoundRobin", weightedRoundRobin(), 2_500],
  ])("%s: spares a busy server whose reports come out of band, and can't without them", (_name, policy, everyMs) => {
    expect(callsToBusy(policy, undefined)).toBeGreaterThan(35);
    expect(callsToBusy(policy, everyMs)).toBeLessThan(15);
  });
});
