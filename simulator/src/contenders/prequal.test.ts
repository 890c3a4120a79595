import { testEndpoint } from "meshless/testing";
import { expect, test } from "vitest";
import { endpoints, fakeEnv } from "./fake-env.ts";
import { hotColdLexicographic, prequal } from "./prequal.ts";
import { type PoolEntry, ProbePool } from "./probe-pool.ts";

const host = { endpoint: testEndpoint(), inFlight: 0 };

function entry(inFlight: number, latencyMs: number): PoolEntry {
  return {
    host: { endpoint: testEndpoint({ id: `${inFlight} at ${latencyMs}` }), inFlight: 0 },
    receivedAtMs: 0,
    inFlight,
    latencyMs,
    usesLeft: 1,
  };
}

/** The rule, after probes found 1 to 10 in flight. */
function rule(hotQuantile: number) {
  const ranking = hotColdLexicographic(hotQuantile, 128);
  for (let inFlight = 1; inFlight <= 10; inFlight += 1) ranking.onAnswer?.(host, { inFlight, latencyMs: 1 });
  return ranking;
}

function best(hotQuantile: number, ...pool: readonly PoolEntry[]): string {
  const { isBetter } = rule(hotQuantile);
  return pool.reduce((one, other) => (isBetter(other, one) ? other : one)).host.endpoint.id;
}

test("of the cold ones, the quickest, however much it has in flight", () => {
  expect(best(0.8, entry(3, 20), entry(8, 10), entry(1, 30), entry(9, 1))).toBe("8 at 10");
});

test("if all are hot, the one with the least in flight, however slow", () => {
  expect(best(0.8, entry(12, 1), entry(9, 99), entry(10, 5))).toBe("9 at 99");
});

test("as many in flight as the quantile is still cold", () => {
  expect(best(0.5, entry(5, 1), entry(6, 0.5))).toBe("5 at 1");
});

test("quantile 0 goes by requests in flight, quantile 1 by latency alone", () => {
  const pool = [entry(1, 90), entry(3, 50), entry(99, 10)];
  expect([best(0, ...pool), best(1, ...pool)]).toEqual(["1 at 90", "99 at 10"]);
});

test("the worst is the hot one with the most in flight, and with no hot one the slowest", () => {
  const { isBetter } = rule(0.8);
  const left = (...entries: readonly PoolEntry[]) => {
    const pool = new ProbePool(16, 1000);
    // The first removal takes the oldest.
    for (const one of [entry(0, 0), ...entries]) pool.add(one);
    pool.removeOne(isBetter);
    pool.removeOne(isBetter);
    return pool.entries.map((one) => one.host.endpoint.id);
  };
  expect(left(entry(9, 5), entry(11, 1), entry(2, 99))).toEqual(["9 at 5", "2 at 99"]);
  expect(left(entry(2, 5), entry(8, 7), entry(1, 6))).toEqual(["2 at 5", "1 at 6"]);
});

test("what is hot follows the recent answers", () => {
  const { isBetter, onAnswer } = hotColdLexicographic(0.5, 4);
  const [quick, idle] = [entry(10, 1), entry(5, 9)];
  for (const inFlight of [20, 20, 20, 20]) onAnswer?.(host, { inFlight, latencyMs: 1 });
  expect(isBetter(quick, idle)).toBe(true);
  for (const inFlight of [5, 5, 5]) onAnswer?.(host, { inFlight, latencyMs: 1 });
  expect(isBetter(quick, idle)).toBe(false);
});

test("sends calls to the server with little in flight, and among those to the quick one", () => {
  const told: Record<string, { inFlight: number; latencyMs: number }> = {
    e0: { inFlight: 50, latencyMs: 1 },
    e1: { inFlight: 0, latencyMs: 80 },
    e2: { inFlight: 10, latencyMs: 20 },
  };
  const env = fakeEnv({ answer: (id) => told[id] ?? { inFlight: 30, latencyMs: 60 } });
  const client = prequal({ hotQuantile: 0.75, removalsPerCall: 0 }).create(env);
  client.update(endpoints(6), 0);
  const chosen = Array.from({ length: 40 }, () => {
    const id = client.acquire({ method: "" }, env.now())?.endpoint.id;
    env.clock.advance(5);
    return id;
  });
  expect(new Set(chosen.slice(20))).toEqual(new Set(["e2"]));
});

test("is named for what differs from the paper's baseline", () => {
  expect([prequal().name, prequal({ hotQuantile: 0.75, probesPerCall: 0.5 }).name]).toEqual(["prequal", "prequal-75-r0.5"]);
});
