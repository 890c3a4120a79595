import type { Interceptor, StreamRequest, StreamResponse } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { EchoService } from "../../../test/gen/meshless/testing/v1/echo_pb.ts";
import { MethodRules } from "../../balancer/retries/method-rules.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import type { Attempt } from "../calls/attempt.ts";
import type { AttemptFn, CallLoop } from "../calls/call-loop.ts";
import { ConnectAttempts } from "./connect-attempt.ts";

test("an attempt that failed takes no more of a stream's messages while the call waits for another one", async () => {
  const source = (async function* () {
    for (let n = 0; n < 200; n++) yield n;
  })();
  const { signal } = new AbortController();
  const attempt = {
    call: { deadlineAtMs: Infinity, signal },
    deadlineAtMs: Infinity,
    sentBytes: 0,
    signal,
    isBounceable: false,
    follow() {},
    watch: (messages: unknown) => messages,
  } as unknown as Attempt;
  /** Fails the first attempt, waits until whatever still reads had its chance, and makes a second one. */
  const loop = {
    async run(_call: unknown, attemptFn: AttemptFn<unknown>) {
      await expect(attemptFn(attempt)).rejects.toThrow("bounced");
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      return attemptFn(attempt);
    },
  } as unknown as CallLoop;
  const sent: unknown[][] = [];
  const send = async ({ message }: StreamRequest): Promise<StreamResponse> => {
    const messages: unknown[] = [];
    const first = sent.push(messages) === 1;
    const sending = (async () => {
      for await (const one of message) messages.push(one);
    })();
    if (first) throw new Error("bounced");
    await sending;
    return { message: source } as unknown as StreamResponse;
  };
  const request = {
    stream: true,
    method: EchoService.method.chat,
    message: source,
    header: new Headers(),
    signal,
    contextValues: { get: () => undefined },
  } as unknown as StreamRequest;
  const [interceptor] = new ConnectAttempts(loop, new MethodRules({}, 0), manualClock(), []).interceptors as [Interceptor];
  await interceptor(send as Parameters<typeof interceptor>[0])(request);
  expect(sent[1]).toEqual(Array.from({ length: 200 }, (_, n) => n));
});
