// Answers that blame the caller: who gives them alone is out, who gives them like everybody is not, and keys are not held against their owners.
import { describe, expect, test } from "vitest";
import { seededRandom } from "../testing/seeded-random.ts";
import { testEndpoint } from "../testing/test-endpoint.ts";
import { testOutcome } from "../testing/test-outcome.ts";
import type { Balancer } from "./balancer.ts";
import type { BalancerEvent } from "./balancer-event.ts";
import { createBalancer } from "./create-balancer.ts";
import type { OutcomeKind } from "./outcome.ts";
import type { PickContext } from "./pick-context.ts";
import { adaptive } from "./policies/adaptive.ts";
import { leastInFlight } from "./policies/least-in-flight.ts";
import { maglev } from "./policies/maglev.ts";
import { powerOfTwo } from "./policies/power-of-two.ts";
import { ringHash } from "./policies/ring-hash.ts";
import { roundRobin } from "./policies/round-robin.ts";
import type { Policy } from "./policy.ts";

const CALL: PickContext = { method: "shop.Checkout/Pay" };

interface Run {
  readonly policy?: Policy;
  readonly members: number;
  readonly calls: number;
  readonly gapMs: number;
  readonly fate: (member: string, nowMs: number, chance: number, context: PickContext) => OutcomeKind;
  /** Default: 0.1 for client errors, else 10. */
  readonly latencyMs?: (member: string, kind: OutcomeKind) => number;
  readonly context?: (call: number) => PickContext;
}

const usualLatencyMs = (_: string, kind: OutcomeKind) => (kind === "clientError" ? 0.1 : 10);

/** Calls in virtual time, some at a time: what became of each endpoint. */
function run({ policy, members, calls, gapMs, fate, context = () => CALL, latencyMs = usualLatencyMs }: Run) {
  const ejections: string[] = [];
  const onEvent = (event: BalancerEvent) => {
    if (event.type === "endpointEjected") ejections.push(`${event.endpoint.id}: ${event.reason}`);
  };
  const balancer = createBalancer({ policy, random: seededRandom(7), onEvent });
  balancer.update(
    Array.from({ length: members }, (_, index) => testEndpoint({ id: `e${index}`, port: 1_000 + index })),
    0,
  );
  const chance = seededRandom(11);
  const counts = new Map<string, number>();
  const open: { readonly endsAtMs: number; readonly end: () => void }[] = [];
  for (let call = 0; call < calls; call += 1) {
    const nowMs = call * gapMs;
    while (open[0] !== undefined && open[0].endsAtMs <= nowMs) open.shift()?.end();
    const bound = context(call);
    const lease = balancer.acquire(bound, nowMs);
    if (lease === undefined) throw new Error("nobody was eligible");
    const { id } = lease.endpoint;
    counts.set(id, (counts.get(id) ?? 0) + 1);
    const kind = fate(id, nowMs, chance(), bound);
    const outcome = testOutcome(kind, { latencyMs: latencyMs(id, kind), processed: "yes" });
    const endsAtMs = nowMs + outcome.latencyMs;
    open.push({ endsAtMs, end: () => lease.settle(outcome, endsAtMs) });
    open.sort((one, other) => one.endsAtMs - other.endsAtMs);
  }
  return { balancer, ejections, counts };
}

function ejectionOf(balancer: Balancer, id: string, nowMs: number) {
  return balancer.inspect(nowMs).members.find(({ endpoint }) => endpoint.id === id)?.ejection;
}

const policies: readonly [name: string, policy: Policy][] = [
  ["adaptive", adaptive()],
  ["powerOfTwo", powerOfTwo()],
  ["roundRobin", roundRobin()],
  ["leastInFlight", leastInFlight()],
];
const refusing = (refuser: string) => (id: string) => (id === refuser ? "clientError" : "success");

describe.each(policies)("%s", (_, policy) => {
  test("loses at most 1 % of 1,000 calls to one of four that refuses them, and 0.1 % of 30,000", () => {
    for (const [calls, most] of [
      [1_000, 10],
      [30_000, 30],
    ] as const) {
      const { counts } = run({ policy, members: 4, calls, gapMs: 5, fate: refusing("e0") });
      expect(counts.get("e0")).toBeLessThanOrEqual(most);
    }
  });

  test("one of four that refuses all calls is out in the end", () => {
    const { balancer } = run({ policy, members: 4, calls: 60_000, gapMs: 5, fate: refusing("e0") });
    expect(["ejected", "probing"]).toContain(ejectionOf(balancer, "e0", 300_000));
  });

  test.each([0.1, 0.5, 1])("nobody is out where the share %d of all answers are client errors, everywhere, by chance", (share) => {
    const fate = (_id: string, _nowMs: number, chance: number) => (chance < share ? "clientError" : "success");
    expect(run({ policy, members: 20, calls: 100_000, gapMs: 1, fate }).ejections).toEqual([]);
  });

  test("nobody is out where everybody fails some calls and refuses some", () => {
    const fate = (_id: string, _nowMs: number, chance: number) => (chance < 0.02 ? "failure" : chance < 0.3 ? "clientError" : "success");
    expect(run({ policy, members: 20, calls: 100_000, gapMs: 1, fate }).ejections).toEqual([]);
  });

  test("where half of all answers are client errors, one that fails is out as soon as elsewhere", () => {
    const fate = (id: string, _nowMs: number, chance: number) => (id === "e0" ? "failure" : chance < 0.5 ? "clientError" : "success");
    const { ejections, counts } = run({ policy, members: 4, calls: 1_000, gapMs: 5, fate });
    expect(ejections.every((ejection) => ejection.startsWith("e0"))).toBe(true);
    expect(counts.get("e0")).toBeLessThanOrEqual(15);
  });
});

test("where all answers are client errors, the default policy tells a slow server by them, as it would by successes", () => {
  const sharesOf = (kind: OutcomeKind) => {
    const { counts } = run({ members: 4, calls: 10_000, gapMs: 1, fate: () => kind, latencyMs: (id) => (id === "e0" ? 40 : 10) });
    return ["e0", "e1", "e2", "e3"].map((id) => (counts.get(id) ?? 0) / 10_000);
  };
  const shares = sharesOf("clientError");
  expect(shares[0]).toBeLessThan(0.15);
  for (const [index, share] of sharesOf("success").entries()) expect(shares[index]).toBeCloseTo(share, 1);
});

test("a tenth of client errors everywhere leaves the default policy as even as it is without", () => {
  const spreadWith = (share: number) => {
    const fate = (_id: string, _nowMs: number, chance: number) => (chance < share ? "clientError" : "success");
    const { counts } = run({ members: 20, calls: 40_000, gapMs: 1, fate });
    return Math.max(...counts.values()) / Math.min(...counts.values());
  };
  expect(spreadWith(0.1)).toBeLessThan(1.1 * spreadWith(0));
});

describe("one that was ejected", () => {
  test("for failures comes back when a probe is answered with a client error", () => {
    const fate = (id: string, nowMs: number) => (id !== "e0" ? "success" : nowMs < 500 ? "failure" : "clientError");
    const { ejections } = run({ policy: powerOfTwo(), members: 4, calls: 2_000, gapMs: 5, fate });
    expect(ejections[0]).toBe("e0: 5 failures in a row");
    expect(ejections[1]).toBe("e0: 5 client errors in a row");
    expect(ejections.slice(2).every((ejection) => ejection === "e0: its probe ended in a client error")).toBe(true);
  });

  test("for client errors comes back once the others give them too", () => {
    const fate = (id: string, nowMs: number) => (id === "e0" || nowMs > 60_000 ? "clientError" : "success");
    const { balancer } = run({ policy: powerOfTwo(), members: 4, calls: 36_000, gapMs: 5, fate });
    expect(ejectionOf(balancer, "e0", 180_000)).toBe("none");
  });
});

describe("what is wrong with a call that is bound to an endpoint says nothing of the endpoint", () => {
  test.each([
    ["maglev", maglev({ tableSize: 5_003 })],
    ["ringHash", ringHash()],
  ])("%s: a key that is never found does not eject its owner", (_, policy) => {
    const isGone = (_id: string, _nowMs: number, _chance: number, { hashKey }: PickContext) =>
      hashKey === "gone" ? "clientError" : "success";
    for (const every of [1, 2, 10]) {
      const context = (call: number) => ({ ...CALL, hashKey: call % every === 0 ? "gone" : `user-${call}` });
      expect(run({ policy, members: 4, calls: 5_000, gapMs: 5, context, fate: isGone }).ejections).toEqual([]);
    }
  });

  test("nor does a shard that has nothing", () => {
    const balancer = createBalancer({ random: seededRandom(7) });
    balancer.update(
      ["a", "a", "b", "b"].map((shard, index) => testEndpoint({ id: `e${index}`, labels: { shard } })),
      0,
    );
    for (let call = 0; call < 2_000; call += 1) {
      const shard = call % 2 === 0 ? "a" : "b";
      balancer.acquire({ ...CALL, shard }, call)?.settle(testOutcome(shard === "a" ? "clientError" : "success"), call);
    }
    expect(balancer.inspect(2_000).members.map(({ ejection }) => ejection)).toEqual(["none", "none", "none", "none"]);
  });

  test("an empty key binds nobody", () => {
    const { balancer } = run({
      policy: powerOfTwo(),
      members: 4,
      calls: 1_000,
      gapMs: 5,
      context: () => ({ ...CALL, hashKey: "" }),
      fate: refusing("e0"),
    });
    expect(ejectionOf(balancer, "e0", 5_000)).not.toBe("none");
  });
});
