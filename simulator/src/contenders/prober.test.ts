import { testOutcome } from "meshless/testing";
import { expect, test } from "vitest";
import type { ProbeAnswer } from "../contender.ts";
import { baseline } from "./baseline.ts";
import { endpoints, type FakeEnvOptions, fakeEnv } from "./fake-env.ts";
import { Prober, type ProbingOptions, reuseBudget } from "./prober.ts";

const DEFAULTS = { probesPerCall: 3, removalsPerCall: 1, poolSize: 16, entryTtlMs: 1000, reuseSlack: 1, probeTimeoutMs: 3 };

/** A client that goes by the least in flight. */
function prober(servers: number, options: ProbingOptions = {}, env: FakeEnvOptions = {}) {
  const fake = fakeEnv(env);
  const client = baseline(new Prober(fake, options, { isBetter: (one, other) => one.inFlight < other.inFlight }));
  client.update(endpoints(servers), 0);
  const call = (): string | undefined => {
    const lease = client.acquire({ method: "" }, fake.now());
    lease?.settle(testOutcome("success"), fake.now());
    return lease?.endpoint.id;
  };
  return { ...fake, client, call };
}

/** Only these have few in flight, the first the fewest. */
function idle(...ids: readonly string[]): (id: string) => ProbeAnswer {
  return (id) => ({ inFlight: ids.includes(id) ? ids.indexOf(id) : 100, latencyMs: 10 });
}

test("the budget is that of the paper: (1 + delta) / ((1 - m/n) r_probe - r_remove), at least 1", () => {
  expect(reuseBudget(DEFAULTS, 100)).toBeCloseTo(2 / ((1 - 16 / 100) * 3 - 1), 10);
  expect(reuseBudget({ ...DEFAULTS, probesPerCall: 0.5, removalsPerCall: 0.25 }, 100)).toBeCloseTo(2 / 0.17, 10);
  expect(reuseBudget({ ...DEFAULTS, reuseSlack: 0 }, 1000)).toBe(1);
});

test("where more leaves the pool than comes in, the budget is 1, as the paper's formula has it", () => {
  expect(reuseBudget({ ...DEFAULTS, probesPerCall: 1 }, 100)).toBe(1);
  expect(reuseBudget(DEFAULTS, 6)).toBe(1);
});

test.each([3, 0.5, 1.3, 0])("%f probes a call, exactly, whenever it is counted", (probesPerCall) => {
  const { call, probed } = prober(20, { probesPerCall });
  for (let calls = 1; calls <= 200; calls += 1) {
    call();
    expect(Math.abs(probed.length - calls * probesPerCall)).toBeLessThan(1);
  }
});

test("the probes of a call go to different servers, and all servers are probed alike", () => {
  const { call, probed } = prober(10);
  for (let calls = 0; calls < 3000; calls += 1) {
    const from = probed.length;
    call();
    expect(new Set(probed.slice(from)).size).toBe(3);
  }
  for (const { id } of endpoints(10)) expect(Math.abs(probed.filter((other) => other === id).length / 900 - 1)).toBeLessThan(0.1);
});

test("more probes than servers reach each server once", () => {
  const { call, probed } = prober(2);
  call();
  expect([...probed].sort()).toEqual(["e0", "e1"]);
});

test("chooses by what probes brought", () => {
  const { call, clock } = prober(3, { removalsPerCall: 0 }, { answer: idle("e1") });
  call();
  clock.advance(1);
  expect([call(), call(), call()]).toEqual(["e1", "e1", "e1"]);
});

test("each use of an entry counts as one more in flight, until the next answer from that server", () => {
  const { call, clock } = prober(3, { removalsPerCall: 0 }, { answer: (id) => ({ inFlight: id === "e2" ? 0 : 1, latencyMs: 10 }) });
  call();
  clock.advance(1);
  // e2 has 0; then all have 1, and the call goes to whichever was told first; then either of the others has less than that one.
  const [first, second, third] = [call(), call(), call()];
  expect(first).toBe("e2");
  expect(third).not.toBe(second);
  clock.advance(1);
  expect(call()).toBe("e2");
});

test("falls back to chance with fewer than two entries", () => {
  const { call, clock } = prober(3, {}, { answer: (id) => (id === "e1" ? { inFlight: 0, latencyMs: 1 } : undefined) });
  const counts: Record<string, number> = { e0: 0, e1: 0, e2: 0 };
  for (let calls = 0; calls < 900; calls += 1) {
    (counts[call() as string] as number) += 1;
    clock.advance(10);
  }
  for (const count of Object.values(counts)) expect(Math.abs(count - 300)).toBeLessThan(50);
});

test("falls back to chance when entries are too old", () => {
  const { call, clock } = prober(3, { removalsPerCall: 0 }, { answer: idle("e1", "e2") });
  const chosen = new Set<string | undefined>();
  for (let calls = 0; calls < 60; calls += 1) {
    chosen.add(call());
    clock.advance(1002);
  }
  expect(chosen.size).toBe(3);
});

test("each call takes from the pool: of three entries, two calls leave one, too few to choose from", () => {
  const third = (removalsPerCall: number) => {
    const chosen = new Set<string | undefined>();
    for (let seed = 0; seed < 60; seed += 1) {
      let answers = 0;
      const answer = (id: string): ProbeAnswer | undefined => (++answers > 3 ? undefined : idle("e0")(id));
      const { call, clock } = prober(3, { removalsPerCall }, { seed, answer });
      call();
      clock.advance(1);
      chosen.add([call(), call(), call()].at(-1));
    }
    return chosen;
  };
  expect([third(0), third(1)].map(({ size }) => size)).toEqual([1, 3]);
});

test("a second try is placed by what probes brought of the others", () => {
  const { call, client, clock } = prober(3, { removalsPerCall: 0 }, { answer: idle("e2", "e0") });
  call();
  clock.advance(1);
  const retry = (...avoid: readonly string[]) => client.acquire({ method: "", avoid: new Set(avoid) }, clock.now())?.endpoint.id;
  expect([retry("e2"), retry("e2", "e0"), retry("e2", "e0", "e1")]).toEqual(["e0", "e1", undefined]);
});

test.each([
  ["before", false],
  ["while", true],
])("who can't be reached any more is not chosen, though a probe finds it idle %s it is lost", (_, isUnderWay) => {
  const { call, client, clock } = prober(3, { removalsPerCall: 0 }, { answer: idle("e1", "e2") });
  call();
  if (!isUnderWay) clock.advance(1);
  client.observe("e1", "unreachable", clock.now());
  clock.advance(1);
  expect([call(), call()]).toEqual(["e2", "e2"]);
});

test("answers after the time-out are ignored", () => {
  const chosen = (probeRttMs: number) => {
    const { call, clock } = prober(3, { removalsPerCall: 0 }, { answer: idle("e1", "e2"), probeRttMs });
    const ids = new Set<string | undefined>();
    for (let calls = 0; calls < 60; calls += 1) {
      call();
      clock.advance(10);
      ids.add(call());
      clock.advance(10);
    }
    return ids;
  };
  expect(chosen(3).has("e0")).toBe(false);
  expect(chosen(3.1).has("e0")).toBe(true);
});

test("an entry decides as many calls as the budget says, on average", () => {
  const options = { reuseSlack: 3.428 };
  expect(reuseBudget({ ...DEFAULTS, ...options, removalsPerCall: 0 }, 1000)).toBeCloseTo(1.5, 3);
  let uses = 0;
  for (let seed = 0; seed < 1000; seed += 1) uses += usesOfTheBest({ ...options, removalsPerCall: 0 }, seed);
  expect(Math.abs(uses / 1000 - 1.5)).toBeLessThan(0.05);
});

/** How many calls go to an idle server, where it and one other of 1000 are the only ones that ever answer a probe, and once. */
function usesOfTheBest(options: ProbingOptions, seed: number): number {
  let answers = 0;
  const answer = (): ProbeAnswer | undefined => (++answers > 2 ? undefined : { inFlight: answers === 1 ? 0 : 50, latencyMs: 1 });
  const { call, clock, probed } = prober(1000, options, { seed, answer });
  call();
  clock.advance(1);
  return [call(), call(), call(), call()].filter((id) => id === probed[0]).length;
}
