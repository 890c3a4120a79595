import type { StreamRequest, StreamResponse } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { EchoService } from "../../../test/gen/meshless/testing/v1/echo_pb.ts";
import { MethodRules } from "../../balancer/retries/method-rules.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import type { Attempt } from "../calls/attempt.ts";
import type { AttemptFn, CallLoop } from "../calls/call-loop.ts";
import { resolveProtocolOptions } from "../connect/protocol-options.ts";
import { createStreamCalls } from "./stream-calls.ts";

const attempt = {
  deadlineAtMs: Infinity,
  sentBytes: 0,
  isBounceable: false,
  follow() {},
  finish() {},
  has: () => true,
} as unknown as Attempt;

/** Fails the first attempt, waits until whatever still reads had its chance, and makes a second one. */
const loop = {
  async run(_call: unknown, attemptFn: AttemptFn<unknown>) {
    await expect(attemptFn(attempt)).rejects.toThrow("bounced");
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    return attemptFn(attempt);
  },
} as unknown as CallLoop;

test("an attempt that failed takes no more of a stream's messages while the call waits for another one", async () => {
  const sent: string[][] = [];
  const send = async ({ message }: StreamRequest): Promise<StreamResponse> => {
    const texts: string[] = [];
    const isFirst = sent.push(texts) === 1;
    const sending = (async () => {
      for await (const one of message) texts.push((one as unknown as { text: string }).text);
    })();
    if (isFirst) throw new Error("bounced");
    await sending;
    return { message } as StreamResponse;
  };
  const stream = createStreamCalls(loop, {
    protocol: "connect",
    protocolOptions: resolveProtocolOptions({}),
    interceptors: [],
    attemptInterceptors: [() => (request) => send(request as StreamRequest)],
    origin: "http://a",
    authority: undefined,
    pathPrefix: "",
    rules: new MethodRules({}, 0),
    clock: manualClock(),
  });
  const given = Array.from({ length: 200 }, (_, index) => ({ text: String(index) }));
  await stream(EchoService.method.chat, undefined, undefined, undefined, messagesOf(given));
  expect(sent[1]).toEqual(given.map(({ text }) => text));
});

async function* messagesOf<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
