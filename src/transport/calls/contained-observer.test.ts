import { createContextValues } from "@connectrpc/connect";
import { expect, test } from "vitest";
import type { PlugInFailed } from "../../balancer/containment/faults.ts";
import type { Clock } from "../../clock.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { AttemptEnd, CallEnd, CallObserver } from "./call-observer.ts";
import { CallObservers } from "./call-observers.ts";
import type { FollowCall, ObservedCall } from "./contained-observer.ts";

const info = { method: "shop.Checkout/Pay", contextValues: createContextValues() };
const attempt = (number: number) => ({ endpoint: testEndpoint(), number, repeatReason: undefined });

function following(observers: readonly CallObserver[], clock: Clock, faults: PlugInFailed[] = []): FollowCall {
  const all = new CallObservers({ target: "static:///x", clock, onFault: (fault) => faults.push(fault) });
  for (const observer of observers) all.observe(observer);
  return all.follow as FollowCall;
}

function setUp() {
  const [attempts, calls, faults]: [AttemptEnd[], CallEnd[], PlugInFailed[]] = [[], [], []];
  const observer: CallObserver = {
    onCall: () => ({ onAttempt: () => ({ onEnd: (end) => attempts.push(end) }), onEnd: (end) => calls.push(end) }),
  };
  const clock = manualClock();
  const followCall = following([observer], clock, faults);
  const follow = (make: (observed: ObservedCall) => Promise<void>) => followCall(info, (observed) => make(observed as ObservedCall));
  return { attempts, calls, faults, clock, follow };
}

test("an attempt ends once, though its stream closes while the next one is under way", async () => {
  const { attempts, calls, follow } = setUp();
  await follow(async (observed) => {
    const first = observed.onAttempt(attempt(1));
    first.onOutcome(testOutcome("refused"), new Error("full"), undefined);
    const second = observed.onAttempt(attempt(2));
    first.onOutcome(testOutcome("refused"), undefined, undefined);
    second.onOutcome(testOutcome("success"), undefined, undefined);
  });
  expect(attempts.map(({ outcome }) => outcome.kind)).toEqual(["refused", "success"]);
  expect(calls).toMatchObject([{ code: 0, attempts: 2, error: undefined }]);
});

test("durations run to the end of the attempt and of the call, though a stream's answer came before", async () => {
  const { attempts, calls, clock, follow } = setUp();
  let end = () => {};
  await follow(async (observed) => {
    clock.advance(5);
    const first = observed.onAttempt(attempt(1));
    end = () => first.onOutcome(testOutcome("success"), undefined, undefined);
    clock.advance(10);
  });
  expect(calls).toEqual([]);
  clock.advance(100);
  end();
  expect([attempts[0]?.durationMs, calls[0]?.durationMs]).toEqual([110, 115]);
});

test("an attempt is sent with the headers of all listeners, and without those that HTTP does not allow", async () => {
  const faults: PlugInFailed[] = [];
  const sending = (headers: Record<string, string>): CallObserver => ({ onCall: () => ({ onAttempt: () => ({ headers }) }) });
  const observers = [sending({ Traceparent: "00-1-2-01" }), sending({ "no good": "x" }), sending({ baggage: "a=b" })];
  const follow = following(observers, manualClock(), faults);
  await follow(info, async (observed) => {
    expect(observed?.onAttempt(attempt(1)).headers).toEqual({ traceparent: "00-1-2-01", baggage: "a=b" });
  });
  expect(faults).toMatchObject([{ plugIn: "observer", method: "headers of an attempt" }]);
});

test("an attempt waited since its call started, or since the attempt before it ended", async () => {
  const waits: number[] = [];
  const clock = manualClock();
  const observer: CallObserver = { onCall: () => ({ onAttempt: ({ waitedMs }) => void waits.push(waitedMs) }) };
  const follow = following([observer], clock);
  await follow(info, async (observed) => {
    clock.advance(5);
    const first = observed?.onAttempt(attempt(1));
    clock.advance(100);
    first?.onOutcome(testOutcome("refused"), new Error("full"), undefined);
    clock.advance(20);
    observed?.onAttempt(attempt(2));
  });
  expect(waits).toEqual([5, 20]);
});
