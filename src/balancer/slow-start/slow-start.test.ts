import { expect, test } from "vitest";
import type { LoadReport } from "../../load-report.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer, Lease } from "../balancer.ts";
import type { BalancerOptions } from "../balancer-options.ts";
import { createBalancer } from "../create-balancer.ts";
import { MutableMember } from "../members/mutable-member.ts";
import type { OutcomeKind } from "../outcome.ts";
import { leastInFlight } from "../policies/least-in-flight.ts";
import { maglev } from "../policies/maglev.ts";
import { peakEwma } from "../policies/peak-ewma.ts";
import { powerOfTwo } from "../policies/power-of-two.ts";
import { random } from "../policies/random.ts";
import { ringHash } from "../policies/ring-hash.ts";
import { roundRobin } from "../policies/round-robin.ts";
import { weightedRoundRobin } from "../policies/weighted-round-robin.ts";
import type { Policy } from "../policy.ts";
import { SlowStart, type SlowStartOptions } from "./slow-start.ts";

const WINDOW_MS = 30_000;
const LATENCY_MS = 10;
const REPORT: LoadReport = { requestsPerSecond: 100, errorsPerSecond: 0, utilization: 0.5 };

/** With the number of members that each looks at for a call: a newcomer is idle, and wins wherever it is seen. */
const policies: readonly [name: string, looks: number, policy: Policy | undefined][] = [
  ["the default", 3, undefined],
  ["powerOfTwo", 2, powerOfTwo()],
  ["powerOfTwo of five choices", 5, powerOfTwo({ choices: 5 })],
  ["peakEwma", 2, peakEwma()],
  ["random", 1, random()],
  ["roundRobin", 1, roundRobin()],
  ["weightedRoundRobin", 1, weightedRoundRobin()],
  ["ringHash", 1, ringHash({ minRingSize: 16_384, maxRingSize: 16_384 })],
  ["maglev", 2, maglev()],
  ["leastInFlight", 10, leastInFlight()],
];

/** A balancer under a steady stream of calls, ten of them in flight for each endpoint of ten. */
class Stream {
  readonly balancer: Balancer;
  nowMs = 0;
  readonly #chance = seededRandom(11);
  readonly #open: { readonly lease: Lease; readonly endsAtMs: number }[] = [];

  constructor(options: Partial<BalancerOptions> = {}) {
    this.balancer = createBalancer({ random: seededRandom(7), policy: powerOfTwo(), ejection: false, ...options });
  }

  update(ids: readonly string[], health: Readonly<Record<string, "unhealthy" | "draining">> = {}): void {
    this.balancer.update(
      ids.map((id, place) => testEndpoint({ id, address: `10.0.0.${place}`, health: health[id] ?? "healthy" })),
      this.nowMs,
    );
  }

  observeAll(ids: readonly string[], what: "unreachable" | "ready"): void {
    for (const id of ids) this.balancer.observe(id, what, this.nowMs);
  }

  /** Makes one call on exactly this endpoint. */
  call(id: string, kind: OutcomeKind): void {
    const others = this.balancer.inspect(this.nowMs).members.map((member) => member.endpoint.id);
    const lease = this.balancer.acquire({ method: "m", avoid: new Set(others.filter((other) => other !== id)) }, this.nowMs) as Lease;
    lease.settle(testOutcome(kind, kind === "overload" ? { retryAfterMs: 100 } : {}), this.nowMs);
  }

  /** What the endpoint gets of the calls of a second, in fair shares of ten. */
  shareOf(id: string): number {
    return this.run(1_000).get(id) ?? 0;
  }

  /** As {@link shareOf}, for each endpoint that gets any. */
  run(forMs: number): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    let calls = 0;
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs; this.nowMs += 1) {
      while ((this.#open[0]?.endsAtMs ?? Infinity) <= this.nowMs) this.#open.shift()?.lease.settle(testOutcome("success"), this.nowMs);
      for (let call = 0; call < 10; call += 1) {
        const lease = this.balancer.acquire({ method: "m", hashKey: `${this.#chance()}` }, this.nowMs) as Lease;
        counts.set(lease.endpoint.id, (counts.get(lease.endpoint.id) ?? 0) + 1);
        this.#open.push({ lease, endsAtMs: this.nowMs + LATENCY_MS });
        calls += 1;
      }
    }
    return new Map([...counts].map(([id, count]) => [id, (10 * count) / calls]));
  }
}

const TEN = Array.from({ length: 10 }, (_, place) => `e${place}`);
const NINE = TEN.slice(0, 9);

/** What the member gets at the beginning of its window, after a third, two thirds, and after all of it. */
function rampOf(stream: Stream, id: string): readonly [number, number, number, number] {
  const shareLater = () => {
    stream.nowMs += 9_000;
    return stream.shareOf(id);
  };
  return [stream.shareOf(id), shareLater(), shareLater(), shareLater()];
}

function expectRamp(shares: readonly number[]): void {
  const [first, second, third, last] = shares as [number, number, number, number];
  expect(first).toBeGreaterThan(0.06);
  expect(first).toBeLessThan(0.27);
  expect(second).toBeGreaterThan(first + 0.1);
  expect(third).toBeGreaterThan(second + 0.1);
  expect(last).toBeGreaterThan(third + 0.05);
  expect(Math.abs(last - 1)).toBeLessThan(0.15);
}

function expectEven(shares: ReadonlyMap<string, number>): void {
  expect(shares.size).toBe(10);
  for (const share of shares.values()) expect(Math.abs(share - 1)).toBeLessThan(0.1);
}

function warm(options: Partial<BalancerOptions> = {}): Stream {
  const stream = new Stream(options);
  stream.update(NINE);
  stream.run(1_000);
  return stream;
}

test.each(policies)(
  "under %s, a newcomer among nine is neither starved nor stampeded, and ends with its full share",
  (_, looks, policy) => {
    const stream = warm({ policy });
    stream.update(TEN);
    const [first, second, third, last] = rampOf(stream, "e9");
    expect(first).toBeGreaterThan(0.06);
    expect(first).toBeLessThan(0.13 * looks);
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(second);
    expect(last).toBeGreaterThan(third - 0.1);
    expect(Math.abs(last - 1)).toBeLessThan(0.15);
  },
);

test.each(policies)("under %s, where all of ten are new at once, each has its share from the start", (_, _looks, policy) => {
  const stream = new Stream({ policy });
  stream.update(TEN.map((id) => `old ${id}`));
  stream.update(TEN);
  const shares = stream.run(1_000);
  expect(shares.size).toBe(10);
  for (const share of shares.values()) expect(Math.abs(share - 1)).toBeLessThan(0.3);
});

test("the first set does not ramp: whoever is there takes the calls", () => {
  const stream = new Stream();
  stream.update(TEN);
  expectEven(stream.run(1_000));
  expect(stream.balancer.inspect(stream.nowMs).members.map((member) => member.reason)).toEqual(TEN.map(() => "eligible"));
});

test("one that could not be reached and is back ramps up, once its session stands", () => {
  const stream = warm();
  stream.update(TEN);
  stream.nowMs += WINDOW_MS;
  stream.observeAll(["e9"], "unreachable");
  stream.run(1_000);
  stream.balancer.observe("e9", "connecting", stream.nowMs);
  expect(stream.shareOf("e9")).toBe(0);
  stream.observeAll(["e9"], "ready");
  expectRamp(rampOf(stream, "e9"));
});

test("one that was unhealthy ramps up from when it is healthy, however long it was listed", () => {
  const stream = warm();
  stream.update(TEN, { e9: "unhealthy" });
  stream.nowMs += 2 * WINDOW_MS;
  expect(stream.shareOf("e9")).toBe(0);
  stream.update(TEN);
  expectRamp(rampOf(stream, "e9"));
});

test("one that took back its claim to be draining, or outlived it, ramps up", () => {
  for (const end of ["taken back", "outlived"]) {
    const stream = new Stream();
    stream.update(TEN);
    stream.balancer.observe("e9", { ...REPORT, draining: true }, stream.nowMs);
    expect(stream.shareOf("e9")).toBe(0);
    if (end === "taken back") stream.balancer.observe("e9", REPORT, stream.nowMs);
    else stream.nowMs = 30_000;
    expectRamp(rampOf(stream, "e9"));
  }
});

test("one that was readmitted ramps up", () => {
  const stream = new Stream({
    ejection: { detectors: [() => ({ onOutcome: (_, { kind }) => (kind === "failure" ? "it failed" : undefined) })], jitter: 0 },
  });
  stream.update(TEN);
  stream.call("e9", "failure");
  expect(stream.shareOf("e9")).toBe(0);
  stream.call("e9", "success");
  expect(stream.balancer.inspect(stream.nowMs).members[9]).toMatchObject({
    ejection: "none",
    reason: "eligible, in slow start at 10 %",
    slowStartShare: 0.1,
  });
  expectRamp(rampOf(stream, "e9"));
  stream.run(30_000);
  expect(stream.balancer.inspect(stream.nowMs).members[9]).not.toHaveProperty("slowStartShare");
});

test("all that come back at once have their share at once", () => {
  const stream = new Stream();
  stream.update(TEN);
  stream.run(1_000);
  stream.observeAll(TEN, "unreachable");
  stream.nowMs += 5_000;
  stream.observeAll(TEN, "ready");
  expectEven(stream.run(1_000));
});

test("an overloaded one that rested has its full share again at once", () => {
  const stream = new Stream();
  stream.update(TEN);
  stream.call("e9", "overload");
  stream.nowMs += 100;
  expectEven(stream.run(1_000));
});

test("a set of two ramps as well, as far as the other has not more than half as much again to bear", () => {
  const stream = new Stream();
  stream.update(["e0"]);
  stream.run(1_000);
  stream.update(["e0", "e1"]);
  const shares = stream.run(1_000);
  expect(((shares.get("e0") ?? 0) * 2) / 10).toBeGreaterThan(1.25);
  expect(((shares.get("e0") ?? 0) * 2) / 10).toBeLessThan(1.55);
});

/** Ten servers, one call at a time on each, the others wait in line; after 20 s, some are replaced at once. The mean latency of each 5 s. */
function latenciesOf(load: number, replaced: number, policy: Policy | undefined, silent: boolean): readonly number[] {
  const balancer = createBalancer({ random: seededRandom(7), policy });
  const update = (ids: readonly string[], nowMs: number) =>
    balancer.update(
      ids.map((id) => testEndpoint({ id })),
      nowMs,
    );
  const chance = seededRandom(11);
  const freeAtMs = new Map<string, number>();
  const ending: { readonly atMs: number; readonly end: () => void }[] = [];
  const means: number[] = [];
  let nowMs = 0;
  update([...TEN.slice(replaced), ...TEN.slice(0, replaced).map((id) => `old ${id}`)], 0);
  for (const untilMs of [5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 35_000]) {
    let [sumMs, calls] = [0, 0];
    for (; nowMs < untilMs; nowMs += (-Math.log(1 - chance()) * LATENCY_MS) / (10 * load)) {
      while ((ending[0]?.atMs ?? Infinity) <= nowMs) ending.shift()?.end();
      const lease = balancer.acquire({ method: "m" }, nowMs) as Lease;
      const { id } = lease.endpoint;
      const atMs = Math.max(nowMs, freeAtMs.get(id) ?? 0) + LATENCY_MS;
      const latencyMs = atMs - nowMs;
      freeAtMs.set(id, atMs);
      sumMs += latencyMs;
      calls += 1;
      const end = () => {
        if (!silent) lease.responded({ ...REPORT, utilization: latencyMs > 2 * LATENCY_MS ? 1 : 0.5 }, atMs);
        lease.settle(testOutcome("success", { latencyMs }), atMs);
      };
      ending.push({ atMs, end });
      ending.sort((one, other) => one.atMs - other.atMs);
    }
    means.push(sumMs / calls);
    if (untilMs === 20_000) update(TEN, nowMs);
  }
  return means;
}

test.each([true, false])("newcomers sit out only as long as the warm ones have room; servers that say nothing: %s", (silent) => {
  for (const policy of [undefined, powerOfTwo()]) {
    const [, calm, , , ...ramping] = latenciesOf(0.9, 3, policy, silent) as [number, number, number, number, ...number[]];
    for (const latencyMs of ramping) expect(latencyMs / calm).toBeLessThan(2);
  }
});

test("a server that declares its warm-up gets as much as it says, whatever the time, and its full share when it is done", () => {
  const stream = new Stream();
  stream.update(TEN);
  const declare = (warmUp: number | undefined) => {
    stream.balancer.observe("e9", warmUp === undefined ? REPORT : { ...REPORT, warmUp }, stream.nowMs);
    return stream.shareOf("e9");
  };
  const shares = [declare(0), declare(0.1), declare(0.4), declare(0.7), declare(undefined)] as const;
  expect(shares[0]).toBeGreaterThan(0.06);
  expect(shares[0]).toBeLessThan(0.27);
  expect([...shares]).toEqual([...shares].sort((a, b) => a - b));
  expect(shares[2]).toBeLessThan(0.9);
  expect(shares[4]).toBeGreaterThan(0.9);
});

test("the end of a declared warm-up ends a newcomer's ramp; a server that never declared one can't talk itself out of it", () => {
  const stream = warm();
  stream.update(TEN);
  stream.balancer.observe("e9", { ...REPORT, warmUp: 1 }, stream.nowMs);
  expect(stream.shareOf("e9")).toBeLessThan(0.4);
  stream.balancer.observe("e9", { ...REPORT, warmUp: 0.9 }, stream.nowMs);
  stream.balancer.observe("e9", REPORT, stream.nowMs);
  expect(stream.shareOf("e9")).toBeGreaterThan(0.85);
});

test("slowStart: false has everybody at its full share, whatever it declares", () => {
  const stream = warm({ slowStart: false });
  stream.update(TEN);
  stream.balancer.observe("e0", { ...REPORT, warmUp: 0.1 }, stream.nowMs);
  expectEven(stream.run(1_000));
});

test.each<[options: SlowStartOptions, shares: readonly number[]]>([
  [{}, [0.1, 0.1, 0.5, 0.9, 1]],
  [{ windowMs: 60_000 }, [0.1, 0.1, 0.25, 0.45, 0.5]],
  [{ minShare: 0.6 }, [0.6, 0.6, 0.6, 0.9, 1]],
  [{ minShare: 0 }, [0, 0.1, 0.5, 0.9, 1]],
  [{ aggression: 2, minShare: 0 }, [0, Math.sqrt(0.1), Math.sqrt(0.5), Math.sqrt(0.9), 1]],
])("with %o, the share at 0, 3, 15, 27 and 30 s is %o", (options, shares) => {
  const slowStart = new SlowStart(options);
  const member = new MutableMember(testEndpoint(), 0, 0);
  expect(slowStart.shareOf(member, 0)).toBe(1);
  slowStart.begin(member, 1_000);
  expect([0, 3_000, 15_000, 27_000, 30_000].map((afterMs) => slowStart.shareOf(member, 1_000 + afterMs))).toEqual(shares);
});

test("is on for as long as anybody may be due less than all", () => {
  const slowStart = new SlowStart({ windowMs: 1_000 });
  const [one, other] = [0, 1].map((slot) => new MutableMember(testEndpoint(), slot, 0)) as [MutableMember, MutableMember];
  expect(slowStart.isOn(0)).toBe(false);
  slowStart.begin(one, 0);
  slowStart.begin(other, 500);
  expect([slowStart.isOn(0), slowStart.isOn(1_499), slowStart.isOn(1_500)]).toEqual([true, true, false]);
  other.learn({ ...REPORT, warmUp: 0.5 }, 2_000);
  slowStart.onReport(other, undefined, 2_000);
  expect([slowStart.isOn(31_999), slowStart.isOn(32_000)]).toEqual([true, false]);
  expect([slowStart.shareOf(other, 31_999), slowStart.shareOf(other, 32_000)]).toEqual([0.5, 1]);
});
