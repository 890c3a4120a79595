// The laws that all policies keep, and those that some do. What is special to one stands in its own test.
import { expect, test } from "vitest";
import type { Endpoint } from "../../endpoint.ts";
import type { LoadReport } from "../../load-report.ts";
import { randomIndex } from "../../random-source.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer, Lease } from "../balancer.ts";
import { createBalancer } from "../create-balancer.ts";
import type { PickContext } from "../pick-context.ts";
import type { Policy } from "../policy.ts";
import { adaptive } from "./adaptive.ts";
import { leastInFlight } from "./least-in-flight.ts";
import { maglev } from "./maglev.ts";
import { peakEwma } from "./peak-ewma.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { prequalHcl } from "./prequal-hcl.ts";
import { random } from "./random.ts";
import { ringHash } from "./ring-hash.ts";
import { roundRobin } from "./round-robin.ts";
import { weightedRoundRobin } from "./weighted-round-robin.ts";

/** Where policies differ. */
interface Laws {
  /** How far from the mean the share of one of 20 equals may be over 40,000 calls. */
  readonly unevenness: number;
  readonly honoursWeights: boolean;
  /** An endpoint that no longer answers soon gets no more calls, even if nobody ejects it. */
  readonly boundsHanging: boolean;
  /** A newcomer is not sent the calls of all. */
  readonly sparesNewcomers: boolean;
  /** What a server claims of itself can't earn it more than twice its fair share. */
  readonly boundsClaims: boolean;
}

const USUAL: Laws = { unevenness: 0.1, honoursWeights: true, boundsHanging: true, sparesNewcomers: true, boundsClaims: true };

const policies: readonly [name: string, policy: Policy, laws: Laws][] = [
  ["adaptive", adaptive(), USUAL],
  ["powerOfTwo", powerOfTwo(), USUAL],
  ["powerOfTwo of five choices", powerOfTwo({ choices: 5 }), USUAL],
  ["roundRobin", roundRobin(), { ...USUAL, honoursWeights: false, boundsHanging: false }],
  ["random", random(), { ...USUAL, honoursWeights: false, boundsHanging: false }],
  ["leastInFlight", leastInFlight(), { ...USUAL, sparesNewcomers: false }],
  ["peakEwma", peakEwma(), USUAL],
  ["weightedRoundRobin", weightedRoundRobin(), { ...USUAL, boundsHanging: false }],
  [
    "weightedRoundRobin as gRPC has it",
    weightedRoundRobin({ maxShare: Infinity, raiseMs: 0 }),
    { ...USUAL, boundsHanging: false, boundsClaims: false },
  ],
  ["ringHash", ringHash(), { ...USUAL, unevenness: 0.35, boundsHanging: false }],
  ["ringHash of bounded load", ringHash({ minRingSize: 4_096, boundedLoad: 1.25 }), { ...USUAL, unevenness: 0.2 }],
  ["maglev", maglev({ tableSize: 5_003 }), { ...USUAL, unevenness: 0.15 }],
  ["prequalHcl", prequalHcl(), { ...USUAL, honoursWeights: false, boundsClaims: false }],
];

function keeping(law: (laws: Laws) => boolean): typeof policies {
  return policies.filter(([, , laws]) => law(laws));
}

const hashing = policies.filter(([name]) => /ringHash|maglev/.test(name));

const CALL: PickContext = { method: "shop.Checkout/Pay" };
const LATENCY_MS = 10;

function endpoints(count: number, fields: (index: number) => Partial<Endpoint> = () => ({})): readonly Endpoint[] {
  return Array.from({ length: count }, (_, index) => testEndpoint({ id: `e${index}`, port: 1_000 + index, ...fields(index) }));
}

/** Nothing but the policy decides: no ejection, no slow start. */
function balancerOf(policy: Policy, given: readonly Endpoint[], seed = 7): Balancer {
  const balancer = createBalancer({ policy, random: seededRandom(seed), ejection: false, slowStart: false });
  balancer.update(given, 0);
  return balancer;
}

interface Traffic {
  readonly calls: number;
  /** So many calls are open at a time: each ends when so many others have begun. */
  readonly open?: number;
  readonly context?: PickContext;
  readonly startMs?: number;
  readonly report?: (id: string) => LoadReport | undefined;
  readonly hangs?: (id: string) => boolean;
}

/** Calls with keys of their own, one each millisecond; how many of them each endpoint got. */
function callsByEndpoint(
  balancer: Balancer,
  { calls, open = 10, context = CALL, startMs = 0, report, hangs }: Traffic,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const running: Lease[] = [];
  const finish = (lease: Lease | undefined, nowMs: number) => {
    if (lease === undefined || hangs?.(lease.endpoint.id)) return;
    lease.responded(report?.(lease.endpoint.id), nowMs);
    lease.settle(testOutcome("success", { latencyMs: LATENCY_MS }), nowMs);
  };
  for (let call = 0; call < calls; call += 1) {
    const nowMs = startMs + call;
    const lease = balancer.acquire({ hashKey: `user-${call}`, ...context }, nowMs);
    if (lease === undefined) throw new Error("nobody was eligible");
    counts.set(lease.endpoint.id, (counts.get(lease.endpoint.id) ?? 0) + 1);
    running.push(lease);
    if (running.length > open) finish(running.shift(), nowMs);
  }
  for (const lease of running) finish(lease, startMs + calls);
  return counts;
}

function shareOf(counts: ReadonlyMap<string, number>, id: string): number {
  return (counts.get(id) ?? 0) / counts.values().reduce((sum, count) => sum + count, 0);
}

test.each(policies)(
  "%s: over 40,000 calls, each of 20 equal endpoints gets its share, as evenly as it promises",
  (_, policy, { unevenness }) => {
    const counts = callsByEndpoint(balancerOf(policy, endpoints(20)), { calls: 40_000 });
    expect(counts.size).toBe(20);
    for (const count of counts.values()) expect(Math.abs(count / 2_000 - 1)).toBeLessThan(unevenness);
  },
);

test.each(policies)("%s chooses nobody who is unhealthy, draining or unreachable, while others are there", (_, policy) => {
  const balancer = balancerOf(
    policy,
    endpoints(10, (index) => ({ health: (["unhealthy", "draining"] as const)[index] ?? "healthy" })),
  );
  callsByEndpoint(balancer, { calls: 100 });
  for (const id of ["e2", "e3"]) balancer.observe(id, "unreachable", 100);
  balancer.observe("e4", { requestsPerSecond: 1, errorsPerSecond: 0, utilization: 0.1, draining: true }, 100);
  const counts = callsByEndpoint(balancer, { calls: 2_000, startMs: 100 });
  expect([...counts.keys()].sort()).toEqual(["e5", "e6", "e7", "e8", "e9"]);
});

test.each(policies)("%s chooses the same whether it is asked about its members or not", (_, policy) => {
  const run = (isAsked: boolean) => {
    const balancer = balancerOf(policy, endpoints(5));
    const chosen: (string | undefined)[] = [];
    const running = new Map<Lease, number>();
    for (let call = 0; call < 2_000; call += 1) {
      const nowMs = 5 * call;
      const lease = balancer.acquire({ hashKey: `user-${call % 50}`, ...CALL }, nowMs) as Lease;
      const { id } = lease.endpoint;
      // One claims to be idle while its calls wait.
      const isLiar = id === "e0";
      balancer.observe(
        id,
        { requestsPerSecond: 100, errorsPerSecond: 0, utilization: 0.5, latencyMs: 20, inFlight: isLiar ? 0 : 4 },
        nowMs,
      );
      chosen.push(id);
      running.set(lease, nowMs + (isLiar ? 20 * (call % 5) : 40));
      if (isAsked) balancer.inspect(nowMs + 2);
      for (const [open, endsAtMs] of running) {
        if (endsAtMs > nowMs) continue;
        running.delete(open);
        open.settle(testOutcome(call % 7 === 0 ? "failure" : call % 11 === 0 ? "clientError" : "success", { latencyMs: 40 }), nowMs + 4.5);
      }
    }
    return chosen;
  };
  expect(run(true)).toEqual(run(false));
});

test.each(hashing)("%s sends calls of one key to one endpoint, though one is over only after the next has begun", (_, policy) => {
  for (const cost of [undefined, 1, 10]) {
    for (const count of [2, 4, 20]) {
      const balancer = balancerOf(policy, endpoints(count));
      const met = new Set<string>();
      let previous: Lease | undefined;
      for (let call = 0; call < 100; call += 1) {
        const lease = balancer.acquire({ ...CALL, hashKey: "user-1", cost }, call);
        previous?.settle(testOutcome("success"), call);
        previous = lease;
        met.add(lease?.endpoint.id as string);
      }
      expect([...met]).toHaveLength(1);
    }
  }
});

test.each(policies)("%s chooses nobody who is ejected", (_, policy) => {
  const balancer = createBalancer({ policy, random: seededRandom(7), slowStart: false });
  balancer.update(endpoints(10), 0);
  for (let failures = 0; failures < 5; failures += 1) {
    const avoid = new Set(
      endpoints(10)
        .slice(1)
        .map(({ id }) => id),
    );
    balancer.acquire({ ...CALL, avoid }, 0)?.settle(testOutcome("failure"), 0);
  }
  expect(balancer.inspect(0).members[0]?.ejection).toBe("ejected");
  expect(callsByEndpoint(balancer, { calls: 200 }).has("e0")).toBe(false);
});

test.each(policies)("%s chooses only among the shard's members", (_, policy) => {
  const balancer = balancerOf(
    policy,
    endpoints(12, (index) => ({ labels: { shard: `${index % 3}` } })),
  );
  callsByEndpoint(balancer, { calls: 100 });
  const counts = callsByEndpoint(balancer, { calls: 400, context: { ...CALL, shard: "1" } });
  expect([...counts.keys()].sort()).toEqual(["e1", "e10", "e4", "e7"]);
  expect(balancer.acquire({ ...CALL, shard: "elsewhere" }, 0)).toBeUndefined();
});

test.each(policies)("%s never chooses an avoided endpoint, finds the last one left, and then nobody", (_, policy) => {
  const balancer = balancerOf(policy, endpoints(8));
  const avoid = new Set<string>();
  for (let left = 8; left > 0; left -= 1) {
    const id = balancer.acquire({ ...CALL, hashKey: "k", avoid }, 0)?.endpoint.id as string;
    expect(avoid.has(id)).toBe(false);
    avoid.add(id);
  }
  expect(avoid.size).toBe(8);
  expect(balancer.acquire({ ...CALL, hashKey: "k", avoid }, 0)).toBeUndefined();
});

test.each(policies)("%s has nobody to choose in an empty set, and always the one where there is one", (_, policy) => {
  expect(balancerOf(policy, []).acquire(CALL, 0)).toBeUndefined();
  const alone = balancerOf(policy, endpoints(1));
  expect(callsByEndpoint(alone, { calls: 500, open: 100 })).toEqual(new Map([["e0", 500]]));
  alone.update([], 500);
  expect(alone.acquire(CALL, 500)).toBeUndefined();
});

test.each(policies)("%s chooses alike with the same seed", (_, policy) => {
  const run = () => [...callsByEndpoint(balancerOf(policy, endpoints(5)), { calls: 200, context: { ...CALL, hashKey: undefined } })];
  expect(run()).toEqual(run());
});

test.each(keeping((laws) => laws.honoursWeights))(
  "%s: an endpoint of three times the weight gets three times the calls, to within 20 %",
  (_, policy) => {
    const given = endpoints(2, (index) => ({ weight: index === 0 ? 1 : 3 }));
    const counts = callsByEndpoint(balancerOf(policy, given), { calls: 10_000, open: 80 });
    expect(Math.abs(shareOf(counts, "e1") / shareOf(counts, "e0") / 3 - 1)).toBeLessThan(0.2);
  },
);

test.each(keeping((laws) => laws.boundsHanging))(
  "%s: one of ten that no longer answers gets 20 more calls of 2,000 at most",
  (_, policy) => {
    const balancer = balancerOf(policy, endpoints(10));
    callsByEndpoint(balancer, { calls: 500 });
    const counts = callsByEndpoint(balancer, { calls: 2_000, startMs: 500, hangs: (id) => id === "e3" });
    expect(counts.get("e3") ?? 0).toBeLessThanOrEqual(20);
  },
);

test.each(policies)("%s: a newcomer gets at least half of its share soon, and twice its share at most", (_, policy, laws) => {
  const balancer = balancerOf(policy, endpoints(10));
  callsByEndpoint(balancer, { calls: 2_000, open: 20 });
  balancer.update(endpoints(11), 2_000);
  const share = shareOf(callsByEndpoint(balancer, { calls: 2_000, open: 20, startMs: 2_000 }), "e10") * 11;
  expect(share).toBeGreaterThan(0.5);
  if (laws.sparesNewcomers) expect(share).toBeLessThan(2);
});

test.each(keeping((laws) => laws.sparesNewcomers))(
  "%s: of the first 50 calls after a newcomer came, it gets 15 at most, though all others are busy",
  (_, policy) => {
    const balancer = balancerOf(policy, endpoints(10));
    callsByEndpoint(balancer, { calls: 1_000, open: 100 });
    for (let call = 0; call < 100; call += 1) balancer.acquire({ ...CALL, hashKey: `user-${call}` }, 1_000);
    balancer.update(endpoints(11), 1_000);
    expect(callsByEndpoint(balancer, { calls: 50, open: 50, startMs: 1_000 }).get("e10") ?? 0).toBeLessThanOrEqual(15);
  },
);

test.each(keeping((laws) => laws.boundsClaims))(
  "%s: one of ten that claims to be idle and without limits gets twice its share at most",
  (_, policy) => {
    const balancer = balancerOf(policy, endpoints(10));
    const chance = seededRandom(12);
    const lie: LoadReport = { requestsPerSecond: 1e6, errorsPerSecond: 0, utilization: 1e-6, inFlight: 0 };
    const honest: LoadReport = { requestsPerSecond: 100, errorsPerSecond: 0, utilization: 0.5 };
    const report = (id: string) => (id === "e3" ? lie : { ...honest, inFlight: randomIndex(chance, 10) });
    callsByEndpoint(balancer, { calls: 20_000, report });
    expect(shareOf(callsByEndpoint(balancer, { calls: 20_000, startMs: 20_000, report }), "e3")).toBeLessThan(0.21);
  },
);

test.each(policies)("%s takes the wildest reports and outcomes, and goes on to send calls to all the others", (_, policy) => {
  const balancer = balancerOf(policy, endpoints(10));
  const chance = seededRandom(9);
  const oneOf = (wild: readonly number[]) => wild[randomIndex(chance, wild.length)] as number;
  const anything = () => oneOf([NaN, Infinity, -Infinity, -1, 0, 1e308, 5e-324]);
  for (let nowMs = 0; nowMs < 20_000; nowMs += 10) {
    const lease = balancer.acquire({ ...CALL, hashKey: `${nowMs}`, cost: anything() }, nowMs) as Lease;
    if (lease.endpoint.id === "e3") {
      const report = {
        requestsPerSecond: anything(),
        errorsPerSecond: anything(),
        utilization: anything(),
        inFlight: anything(),
        warmUp: anything(),
        latencyMs: anything(),
      };
      lease.responded(report, nowMs);
      lease.settle(testOutcome("success", { latencyMs: oneOf([NaN, Infinity, -1, 0, 1_000]) }), nowMs);
    } else lease.settle(testOutcome("success"), nowMs);
  }
  const counts = callsByEndpoint(balancer, { calls: 3_000, startMs: 20_000 });
  for (const { id } of endpoints(10)) if (id !== "e3") expect(shareOf(counts, id)).toBeGreaterThan(0.03);
});

test.each(policies)("%s: members come and go with calls in flight, and nothing is left in the end", (_, policy) => {
  const chance = seededRandom(11);
  const balancer = balancerOf(policy, endpoints(10));
  const all = endpoints(30, (index) => ({ weight: 1 + (index % 3), labels: index % 2 === 0 ? { shard: "even" } : {} }));
  let present: readonly Endpoint[] = endpoints(10);
  const running: Lease[] = [];
  for (let nowMs = 0; nowMs < 3_000; nowMs += 1) {
    if (chance() < 0.05) {
      const kept = chance();
      present = all.filter(() => chance() < kept);
      balancer.update(present, nowMs);
    }
    const shard = chance() < 0.3 ? "even" : undefined;
    const lease = balancer.acquire({ ...CALL, hashKey: `${nowMs % 50}`, shard }, nowMs);
    const eligible = present.filter(({ labels }) => shard === undefined || labels.shard === shard);
    if (lease === undefined) expect(eligible).toEqual([]);
    else {
      expect(eligible.map(({ id }) => id)).toContain(lease.endpoint.id);
      running.push(lease);
    }
    if (chance() < 0.95)
      running.splice(randomIndex(chance, running.length), 1)[0]?.settle(testOutcome(chance() < 0.1 ? "failure" : "success"), nowMs);
  }
  for (const lease of running) lease.settle(testOutcome("success"), 3_000);
  balancer.update(endpoints(10), 3_000);
  for (const { inFlight } of balancer.inspect(3_000).members) expect(inFlight).toBe(0);
  expect(callsByEndpoint(balancer, { calls: 2_000, startMs: 3_000 }).size).toBe(10);
});

test.each(policies.flatMap(([name, policy]) => [1, 2, 10, 10_000].map((count) => [name, count, policy] as const)))(
  "%s serves %i endpoints",
  (_, count, policy) => {
    const balancer = balancerOf(policy, endpoints(count));
    const counts = callsByEndpoint(balancer, { calls: 500, open: 50 });
    expect(counts.size).toBeGreaterThan(Math.min(count, 100) * 0.9);
  },
);
