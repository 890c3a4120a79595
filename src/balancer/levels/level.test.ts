import { expect, test } from "vitest";
import type { Endpoint } from "../../endpoint.ts";
import type { LoadReport } from "../../load-report.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer, Lease } from "../balancer.ts";
import type { BalancerOptions } from "../balancer-options.ts";
import { createBalancer } from "../create-balancer.ts";
import type { PickContext } from "../pick-context.ts";
import { powerOfTwo } from "../policies/power-of-two.ts";

const CALL: PickContext = { method: "shop.Checkout/Pay" };
const WINDOW_MS = 30_000;
const REPORT: LoadReport = { requestsPerSecond: 100, errorsPerSecond: 0, utilization: 0.5 };

function inZone(zone: string, count: number, fields: Partial<Endpoint> = {}): readonly Endpoint[] {
  return Array.from({ length: count }, (_, place) => testEndpoint({ id: `${zone} ${place}`, locality: { region: "r", zone }, ...fields }));
}

const HOME = inZone("home", 4);
const AWAY = inZone("away", 6);

function balancerOf(endpoints: readonly Endpoint[] = [...HOME, ...AWAY], options: Partial<BalancerOptions> = {}): Balancer {
  const spill = { aboveUtilization: 0.75, penalty: 3 };
  const balancer = createBalancer({ random: seededRandom(7), policy: powerOfTwo(), zone: "home", spill, ...options });
  balancer.update(endpoints, 0);
  return balancer;
}

function isHome({ endpoint }: { readonly endpoint: Endpoint }): boolean {
  return endpoint.locality?.zone === "home";
}

/** The share of calls that stay in the zone, each over before the next begins. */
function stayingShare(balancer: Balancer, nowMs = 0, context = CALL): number {
  const calls = 2_000;
  let staying = 0;
  for (let call = 0; call < calls; call += 1) {
    const lease = balancer.acquire(context, nowMs) as Lease;
    if (isHome(lease)) staying += 1;
    lease.settle(testOutcome("abandoned"), nowMs);
  }
  return staying / calls;
}

/** Makes calls on one side of the border, which stay in flight. */
function burden(balancer: Balancer, side: readonly Endpoint[], callsEach: number, nowMs = 0): void {
  const all = balancer.inspect(nowMs).members.map((member) => member.endpoint.id);
  for (const { id } of side) {
    const avoid = new Set(all.filter((other) => other !== id));
    for (let call = 0; call < callsEach; call += 1) balancer.acquire({ ...CALL, avoid }, nowMs);
  }
}

function openGate(balancer: Balancer, nowMs = 0): void {
  for (const { id } of HOME) balancer.observe(id, { ...REPORT, utilization: 0.95 }, nowMs);
}

test("nothing leaves the zone while it has capacity, however busy its endpoints are and idle the others", () => {
  const balancer = balancerOf();
  burden(balancer, HOME, 20);
  expect(stayingShare(balancer)).toBe(1);
});

test("with the gate open, a call leaves for an endpoint that is busy less by a factor of 1.44, and not for one that is busier", () => {
  const stays = (home: number, away: number) => {
    const balancer = balancerOf();
    burden(balancer, HOME, home);
    burden(balancer, AWAY, away);
    openGate(balancer);
    return stayingShare(balancer);
  };
  // A call makes 12 of 11: (12 / 8.33)^3 is 3.
  expect([stays(11, 11), stays(11, 8), stays(11, 7), stays(11, 0)]).toEqual([1, 1, 0, 0]);
});

test("the penalty is an option: 8 asks for half the load, 1 for less", () => {
  const stays = (penalty: number, away: number) => {
    const balancer = balancerOf(undefined, { spill: { penalty } });
    burden(balancer, HOME, 9);
    burden(balancer, AWAY, away);
    openGate(balancer);
    return stayingShare(balancer);
  };
  expect([stays(8, 4), stays(8, 3), stays(1, 9), stays(1, 8)]).toEqual([1, 0, 1, 0]);
});

test("by default, calls leave above a utilization of 0.92, for a load lower by a factor of 2.3", () => {
  const stays = (utilization: number, away: number) => {
    const balancer = balancerOf(undefined, { spill: undefined });
    burden(balancer, HOME, 9);
    burden(balancer, AWAY, away);
    for (const { id } of HOME) balancer.observe(id, { ...REPORT, utilization }, 0);
    return stayingShare(balancer);
  };
  expect([stays(0.92, 0), stays(0.93, 4), stays(0.93, 3)]).toEqual([1, 1, 0]);
});

test("the threshold of the gate is an option, and what servers elsewhere report does not move it", () => {
  const balancer = balancerOf(undefined, { spill: { aboveUtilization: 0.4 } });
  burden(balancer, HOME, 9);
  for (const { id } of AWAY) balancer.observe(id, { ...REPORT, utilization: 0.9 }, 0);
  expect(stayingShare(balancer)).toBe(1);
  for (const { id } of HOME) balancer.observe(id, { ...REPORT, utilization: 0.45 }, 0);
  expect(stayingShare(balancer)).toBe(0);
});

test("what was reported long ago keeps no gate open", () => {
  const balancer = balancerOf();
  burden(balancer, HOME, 9);
  openGate(balancer);
  expect([stayingShare(balancer, 9_999), stayingShare(balancer, 10_000)]).toEqual([0, 1]);
});

test("a call that tried all of its zone goes on elsewhere, and one that tried all others stays", () => {
  const balancer = balancerOf();
  const avoiding = (endpoints: readonly Endpoint[]) => ({ ...CALL, avoid: new Set(endpoints.map(({ id }) => id)) });
  expect(stayingShare(balancer, 0, avoiding(HOME))).toBe(0);
  expect(stayingShare(balancer, 0, avoiding([...AWAY, ...HOME.slice(1)]))).toBe(1);
  expect(balancer.acquire(avoiding([...HOME, ...AWAY]), 0)).toBeUndefined();
});

test("a call of a shard that the zone has not goes where it is", () => {
  const balancer = balancerOf([...inZone("home", 2, { labels: { shard: "1" } }), ...inZone("away", 2, { labels: { shard: "2" } })]);
  expect([stayingShare(balancer, 0, { ...CALL, shard: "1" }), stayingShare(balancer, 0, { ...CALL, shard: "2" })]).toEqual([1, 0]);
});

test("endpoints of unknown zone are elsewhere; to a client without a zone all are alike", () => {
  const stray = testEndpoint({ id: "stray" });
  expect(stayingShare(balancerOf([HOME[0] as Endpoint, stray]))).toBe(1);
  expect(stayingShare(balancerOf([stray]))).toBe(0);
  expect(stayingShare(balancerOf([...HOME, ...AWAY], { zone: undefined }))).toBeCloseTo(0.4, 1);
});

test("with fewer than half of its endpoints sound, a zone has no precedence beyond the penalty", () => {
  const balancer = balancerOf();
  burden(balancer, HOME, 9);
  for (const { id } of HOME.slice(0, 2)) balancer.observe(id, "unreachable", 0);
  expect(stayingShare(balancer)).toBe(1);
  balancer.observe(HOME[2]?.id as string, "unreachable", 0);
  expect(stayingShare(balancer)).toBe(0);
  burden(balancer, AWAY, 9);
  expect(stayingShare(balancer)).toBe(1);
});

test("inspect tells which endpoints are for calls that leave the zone", () => {
  const reasons = balancerOf()
    .inspect(0)
    .members.map((member) => member.reason);
  expect(new Set(reasons.slice(0, 4))).toEqual(new Set(["eligible"]));
  expect(new Set(reasons.slice(4))).toEqual(new Set(["eligible, for calls that leave the zone"]));
  expect(
    new Set(
      balancerOf(AWAY)
        .inspect(0)
        .members.map((member) => member.reason),
    ),
  ).toEqual(new Set(["eligible"]));
});

const failing = {
  ejection: {
    detectors: [() => ({ onOutcome: (_: unknown, { kind }: { kind: string }) => (kind === "failure" ? "it failed" : undefined) })],
    jitter: 0,
  },
};

const losses: readonly [how: string, lose: (balancer: Balancer) => void, restore: (balancer: Balancer, nowMs: number) => void][] = [
  [
    "unreachable",
    (balancer) => HOME.forEach(({ id }) => balancer.observe(id, "unreachable", 0)),
    (balancer, nowMs) => HOME.forEach(({ id }) => balancer.observe(id, "ready", nowMs)),
  ],
  [
    "unhealthy",
    (balancer) => balancer.update([...inZone("home", 4, { health: "unhealthy" }), ...AWAY], 0),
    (balancer, nowMs) => balancer.update([...HOME, ...AWAY], nowMs),
  ],
  [
    "draining",
    (balancer) => balancer.update([...inZone("home", 4, { health: "draining" }), ...AWAY], 0),
    (balancer, nowMs) => balancer.update([...HOME, ...AWAY], nowMs),
  ],
  [
    "draining by its own word",
    (balancer) => HOME.forEach(({ id }) => balancer.observe(id, { ...REPORT, draining: true }, 0)),
    (balancer, nowMs) => HOME.forEach(({ id }) => balancer.observe(id, REPORT, nowMs)),
  ],
  ["removed", (balancer) => balancer.update(AWAY, 0), (balancer, nowMs) => balancer.update([...AWAY, ...HOME], nowMs)],
  [
    "ejected",
    (balancer) => {
      for (const { id } of HOME) {
        const avoid = new Set([...HOME, ...AWAY].map((endpoint) => endpoint.id).filter((other) => other !== id));
        balancer.acquire({ ...CALL, avoid }, 0)?.settle(testOutcome("failure"), 0);
      }
    },
    (balancer, nowMs) => {
      for (const { id } of HOME) {
        const avoid = new Set([...HOME, ...AWAY].map((endpoint) => endpoint.id).filter((other) => other !== id));
        balancer.acquire({ ...CALL, avoid }, nowMs)?.settle(testOutcome("success"), nowMs);
      }
    },
  ],
];

test.each(losses)(
  "a zone that is %s loses its calls at once, and takes them up again over the window of slow start",
  (_, lose, restore) => {
    const balancer = balancerOf(undefined, failing);
    expect(stayingShare(balancer)).toBe(1);
    lose(balancer);
    expect(stayingShare(balancer)).toBe(0);
    restore(balancer, 20_000);
    const shares = [0, 0.25, 0.5, 0.75, 1].map((part) => stayingShare(balancer, 20_000 + part * WINDOW_MS));
    for (const [place, share] of [0.1, 0.25, 0.5, 0.75, 1].entries())
      expect(Math.abs((shares[place] as number) - share)).toBeLessThan(0.04);
  },
);

test("the first endpoints of the own zone take its calls up as slowly as any newcomer", () => {
  const balancer = balancerOf(AWAY);
  balancer.update([...AWAY, ...HOME], 1_000);
  expect(stayingShare(balancer, 1_000)).toBeCloseTo(0.1, 1);
  expect(stayingShare(balancer, 1_000 + WINDOW_MS)).toBe(1);
});

test("a zone that is new takes its calls itself where the others run short and are busier by a factor of 1.6", () => {
  const balancer = balancerOf(AWAY);
  balancer.update([...AWAY, ...HOME], 1_000);
  burden(balancer, AWAY, 1, 1_000);
  expect(stayingShare(balancer, 1_000)).toBeCloseTo(0.1, 1);
  for (const { id } of AWAY) balancer.observe(id, { ...REPORT, utilization: 0.95 }, 1_000);
  expect(stayingShare(balancer, 1_000)).toBe(1);
  burden(balancer, HOME, 1, 1_000);
  expect(stayingShare(balancer, 1_000)).toBeCloseTo(0.1, 1);
});

test("a zone whose servers say that they are warming up gets as much as they say; where all others do too, all of its calls", () => {
  const balancer = balancerOf();
  for (const { id } of HOME) balancer.observe(id, { ...REPORT, warmUp: 0.3 }, 0);
  expect(stayingShare(balancer)).toBeCloseTo(0.3, 1);
  for (const { id } of AWAY) balancer.observe(id, { ...REPORT, warmUp: 0.3 }, 0);
  expect(stayingShare(balancer)).toBe(1);
});

test("no call leaves because the zone's only endpoint changed its session, its label or its weight", () => {
  const [only] = HOME as [Endpoint];
  const balancer = balancerOf([only, ...AWAY]);
  for (const what of ["connecting", "ready", "idle"] as const) balancer.observe(only.id, what, 0);
  expect(stayingShare(balancer)).toBe(1);
  balancer.update([{ ...only, labels: { shard: "1" }, weight: 2 }, ...AWAY], 0);
  expect(stayingShare(balancer)).toBe(1);
});

test("no call leaves while some of the zone are there: those who are new are spared by the warm ones", () => {
  const balancer = balancerOf();
  for (const { id } of HOME.slice(0, 2)) balancer.observe(id, "unreachable", 0);
  for (const { id } of HOME.slice(0, 2)) balancer.observe(id, "ready", 1_000);
  expect(stayingShare(balancer, 1_000)).toBe(1);
});

test("an endpoint that moves to another zone is at home there, with all that is known of it", () => {
  const balancer = balancerOf([...HOME.slice(0, 1), ...AWAY]);
  burden(balancer, AWAY.slice(0, 1), 3);
  balancer.update(
    [
      ...AWAY.slice(1),
      { ...(HOME[0] as Endpoint), locality: { region: "r", zone: "away" } },
      { ...(AWAY[0] as Endpoint), locality: { region: "r", zone: "home" } },
    ],
    0,
  );
  expect(stayingShare(balancer)).toBe(1);
  expect(balancer.inspect(0).members.find(({ endpoint }) => endpoint.id === "away 0")).toMatchObject({ inFlight: 3, reason: "eligible" });
});
