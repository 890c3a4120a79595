import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import type { OutcomeKind } from "../balancer/outcome.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { testEndpoint } from "../testing/test-endpoint.ts";
import { testOutcome } from "../testing/test-outcome.ts";
import { RecentCalls } from "./recent-calls.ts";

function setUp() {
  const clock = manualClock();
  const calls = new RecentCalls(clock);
  /** A call whose attempts go to these endpoints, and end so. */
  const call = (...attempts: readonly (readonly [id: string, kind: OutcomeKind, latencyMs: number])[]) => {
    const startedAtMs = clock.now();
    const listener = calls.onCall();
    let code = 0;
    for (const [index, [id, kind, latencyMs]] of attempts.entries()) {
      const attempt = listener.onAttempt?.({ endpoint: testEndpoint({ id }), number: index + 1, repeatReason: undefined, waitedMs: 0 });
      clock.advance(latencyMs);
      const outcome = { ...testOutcome(kind), latencyMs };
      code = outcome.code;
      const error = code === 0 ? undefined : new ConnectError(`${kind} there`, code as Code);
      attempt?.onEnd?.({ outcome, error, durationMs: latencyMs, sentBytes: 0, receivedBytes: 0 });
    }
    listener.onEnd?.({ code, error: undefined, attempts: attempts.length, durationMs: clock.now() - startedAtMs });
  };
  return { clock, calls, call };
}

test("rates are of the last ten seconds, or of as long as somebody has looked", () => {
  const { clock, calls, call } = setUp();
  expect(calls.all()).toEqual({ windowMs: 0, callsPerSecond: 0 });
  for (let count = 0; count < 10; count++) call(["a", "success", 200]);
  expect(calls.all()).toMatchObject({ windowMs: 2_000, callsPerSecond: 5, successShare: 1, repeatedShare: 0 });
  clock.advance(8_000);
  expect(calls.all()).toMatchObject({ windowMs: 10_000, callsPerSecond: 1 });
  clock.advance(4_000);
  expect(calls.all()).toEqual({ windowMs: 10_000, callsPerSecond: 0 });
});

test("a call's latency is to its answer, its repeats included; an attempt's is its own", () => {
  const { calls, call } = setUp();
  call(["a", "unreachable", 30], ["b", "success", 10]);
  const within5Percent = (ms: number) => expect.closeTo(ms, -Math.log10(ms * 0.1));
  expect(calls.all()).toMatchObject({ successShare: 1, repeatedShare: 1, p50Ms: within5Percent(40) });
  expect(calls.byEndpoint(["a", "b"])).toMatchObject([
    {
      share: 0.5,
      successShare: 0,
      p50Ms: within5Percent(30),
      lastError: { message: expect.stringContaining("unreachable there"), agoMs: 10 },
    },
    { share: 0.5, successShare: 1, p50Ms: within5Percent(10) },
  ]);
});

test("what is the caller's fault is none of the server's, and what callers gave up is neither", () => {
  const { calls, call } = setUp();
  call(["a", "clientError", 1]);
  call(["a", "abandoned", 1]);
  call(["a", "failure", 1]);
  expect(calls.all().successShare).toBe(0.5);
  expect(calls.byEndpoint(["a"])[0]?.successShare).toBe(0.5);
});

test("a call without an endpoint has failed", () => {
  const { clock, calls } = setUp();
  calls.onCall().onEnd?.({ code: Code.Unavailable, error: undefined, attempts: 0, durationMs: 5 });
  clock.advance(1_000);
  expect(calls.all()).toMatchObject({ callsPerSecond: 1, successShare: 0 });
});

test("endpoints that are gone are forgotten", () => {
  const { calls, call } = setUp();
  call(["a", "success", 1]);
  call(["b", "success", 1]);
  expect(calls.byEndpoint(["b"])).toMatchObject([{ share: 1 }]);
  expect(calls.byEndpoint(["a", "b"])).toMatchObject([{ share: 0, attemptsPerSecond: 0 }, { share: 1 }]);
});
