import { testEndpoint, testOutcome } from "meshless/testing";
import { expect, test } from "vitest";
import { C3Ranking, c3 } from "./c3.ts";
import { endpoints, fakeEnv } from "./fake-env.ts";

const host = (inFlight = 0) => ({ endpoint: testEndpoint(), inFlight });

test("the score is (R - 1/mu) + (1 + own calls * clients + q)^3 / mu", () => {
  const ranking = new C3Ranking(100, 0.9);
  const one = host(2);
  ranking.onAnswer(one, { inFlight: 5, latencyMs: 20 });
  ranking.onSettle(one, testOutcome("success", { latencyMs: 30 }));
  expect(ranking.score(one)).toBeCloseTo(30 - 20 + (1 + 2 * 100 + 5) ** 3 * 20, 6);
});

test("averages give nine tenths to the newest", () => {
  const ranking = new C3Ranking(1, 0.9);
  const one = host();
  for (const inFlight of [10, 20]) ranking.onAnswer(one, { inFlight, latencyMs: 10 * inFlight });
  for (const latencyMs of [100, 200]) ranking.onSettle(one, testOutcome("success", { latencyMs }));
  expect(ranking.score(one)).toBeCloseTo(190 - 190 + (1 + 19) ** 3 * 190, 6);
});

test("a call that was turned away says nothing of how long answers take", () => {
  const ranking = new C3Ranking(1, 0.9);
  const one = host();
  ranking.onAnswer(one, { inFlight: 0, latencyMs: 10 });
  ranking.onSettle(one, testOutcome("unreachable", { latencyMs: 0 }));
  expect(ranking.score(one)).toBeCloseTo(10, 10);
});

test("a server with no latency to tell, or next to none, counts as twice as quick as the mean: tried first, not without end", () => {
  const ranking = new C3Ranking(1, 0.9);
  const [known, unknown, flooded] = [host(), host(), host()];
  ranking.onAnswer(known, { inFlight: 1, latencyMs: 10 });
  for (let call = 0; call < 3; call += 1) ranking.onSettle(known, testOutcome("success", { latencyMs: 10 }));
  ranking.onAnswer(unknown, { inFlight: 1, latencyMs: undefined });
  ranking.onAnswer(flooded, { inFlight: 9, latencyMs: 0 });
  expect([known, unknown, flooded].map((one) => ranking.score(one))).toEqual([2 ** 3 * 10, 2 ** 3 * 5, 10 ** 3 * 5]);
  expect(ranking.isBetter({ host: unknown }, { host: known })).toBe(true);
  expect(ranking.isBetter({ host: flooded }, { host: known })).toBe(false);
});

test("counts its own calls in flight once for each client there is, so it doesn't come back to a server while one is there", () => {
  const env = fakeEnv({ zone: "a", clientsByZone: { a: 60, b: 40 }, answer: (id) => ({ inFlight: Number(id.slice(1)), latencyMs: 10 }) });
  const client = c3({ removalsPerCall: 0, probesPerCall: 6 }).create(env);
  client.update(endpoints(6), 0);
  client.acquire({ method: "" }, 0)?.settle(testOutcome("success"), 0);
  env.clock.advance(1);
  const chosen = Array.from({ length: 6 }, () => {
    const id = client.acquire({ method: "" }, env.now())?.endpoint.id;
    env.clock.advance(1);
    return id;
  });
  expect(chosen).toEqual(["e0", "e1", "e2", "e3", "e4", "e5"]);
});
