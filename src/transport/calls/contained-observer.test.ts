import { createContextValues } from "@connectrpc/connect";
import { expect, test } from "vitest";
import type { PlugInFailed } from "../../balancer/containment/faults.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { AttemptEnd, CallEnd, CallObserver } from "./call-observer.ts";
import { containObserver, type ObservedCall } from "./contained-observer.ts";

const info = { method: "shop.Checkout/Pay", contextValues: createContextValues() };
const attempt = (number: number) => ({ endpoint: testEndpoint(), number, repeatReason: undefined });

function setUp() {
  const [attempts, calls, faults]: [AttemptEnd[], CallEnd[], PlugInFailed[]] = [[], [], []];
  const observer: CallObserver = {
    onCall: () => ({ onAttempt: () => ({ onEnd: (end) => attempts.push(end) }), onEnd: (end) => calls.push(end) }),
  };
  const clock = manualClock();
  const followCall = containObserver(observer, { target: "static:///x", clock, onFault: (fault) => faults.push(fault) });
  const follow = (make: (observed: ObservedCall) => Promise<void>) => followCall(info, (observed) => make(observed as ObservedCall));
  return { attempts, calls, faults, clock, follow };
}

test("an attempt ends once, though its stream closes while the next one is under way", async () => {
  const { attempts, calls, follow } = setUp();
  await follow(async (observed) => {
    const first = observed.onAttempt(attempt(1));
    first(testOutcome("refused"), new Error("full"));
    const second = observed.onAttempt(attempt(2));
    first(testOutcome("refused"), undefined);
    second(testOutcome("success"), undefined);
  });
  expect(attempts.map(({ outcome }) => outcome.kind)).toEqual(["refused", "success"]);
  expect(calls).toMatchObject([{ code: 0, attempts: 2, error: undefined }]);
});

test("durations run to the end of the attempt and of the call, though a stream's answer came before", async () => {
  const { attempts, calls, clock, follow } = setUp();
  let end = () => {};
  await follow(async (observed) => {
    clock.advance(5);
    const onOutcome = observed.onAttempt(attempt(1));
    end = () => onOutcome(testOutcome("success"), undefined);
    clock.advance(10);
  });
  expect(calls).toEqual([]);
  clock.advance(100);
  end();
  expect([attempts[0]?.durationMs, calls[0]?.durationMs]).toEqual([110, 115]);
});
