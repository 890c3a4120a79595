import type { DescMethodStreaming } from "@bufbuild/protobuf";
import type { Compression } from "@connectrpc/connect/protocol";
import { expect, test } from "vitest";
import { playAttempt } from "../../../test/fuzz/scripted-attempt.ts";
import { EchoService } from "../../../test/gen/meshless/testing/v1/echo_pb.ts";
import type { FakeHttp2Stream } from "../../../test/model/fake-http2-stream.ts";
import { type ProtocolOptions, resolveProtocolOptions } from "../connect/protocol-options.ts";
import { MethodPlans } from "../unary/method-plan.ts";
import { withPrefix } from "../unary/received-bytes.ts";
import { ResponseMessages } from "./response-messages.ts";
import { streamFormats } from "./stream-formats.ts";

/** Takes its time, and so is overtaken by what needs none. */
const slow: Compression = {
  name: "slow",
  compress: async (bytes) => new Uint8Array(bytes),
  async decompress(bytes) {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    return new Uint8Array(bytes);
  },
};

/** A message with one letter as its text. */
const message = (letter: string, isCompressed = false) => withPrefix(Uint8Array.of(10, 1, letter.charCodeAt(0)), isCompressed);

/** What comes of asking so often at once, while a server answers over gRPC. */
function ask(times: number, options: ProtocolOptions, script: (stream: FakeHttp2Stream) => Promise<void>): Promise<unknown[]> {
  const protocolOptions = resolveProtocolOptions(options);
  const format = streamFormats.grpc(protocolOptions);
  const plans = new MethodPlans<DescMethodStreaming>({ format, protocolOptions, origin: "http://a", pathPrefix: "" });
  return playAttempt(script, true, async (attempt) => {
    const stream = attempt.open([], false);
    const plan = plans.of(EchoService.method.chat);
    const { readMaxBytes } = protocolOptions;
    const messages = new ResponseMessages({ stream, plan, format, readMaxBytes, onOver: (error) => attempt.finish(error) });
    stream.end(new Uint8Array());
    await messages.response;
    const results = await Promise.all(Array.from({ length: times }, () => messages.next()));
    return results.map((result) => (result.done === true ? undefined : (result.value as unknown as { text: string }).text));
  });
}

const headers = { "content-type": "application/grpc+proto", "grpc-encoding": "slow" };

test("who asks again before an answer is here gets the message after it", async () => {
  const texts = await ask(5, {}, async (stream) => {
    stream.respond({ "content-type": "application/grpc+proto" });
    for (const letter of "abc") {
      await new Promise((resolve) => setImmediate(resolve));
      stream.send(message(letter));
    }
    stream.finishAnswer({ "grpc-status": "0" });
  });
  expect(texts).toEqual(["a", "b", "c", undefined, undefined]);
});

test("messages keep their order, though some take time to decompress", async () => {
  const texts = await ask(4, { acceptCompression: [slow] }, async (stream) => {
    stream.respond(headers);
    stream.send(Buffer.concat([message("a", true), message("b"), message("c", true)]));
    stream.finishAnswer({ "grpc-status": "0" });
  });
  expect(texts).toEqual(["a", "b", "c", undefined]);
});
