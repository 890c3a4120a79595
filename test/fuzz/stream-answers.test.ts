import { type DescMethodStreaming, toBinary } from "@bufbuild/protobuf";
import type { StreamResponse } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/balancer/outcome.ts";
import type { Attempt } from "../../src/transport/calls/attempt.ts";
import { Exchange } from "../../src/transport/connect/exchange.ts";
import { createProtocolTransport, type Protocol, resolveProtocolOptions } from "../../src/transport/connect/protocol-options.ts";
import { ResponseMessages } from "../../src/transport/streams/response-messages.ts";
import { streamFormats } from "../../src/transport/streams/stream-formats.ts";
import { MethodPlans } from "../../src/transport/unary/method-plan.ts";
import { ChatResponseSchema, EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { readScript, type Script, streamTypes } from "./answer-script.ts";
import { fuzz } from "./fuzz.ts";
import { playAttempt, shownError } from "./scripted-attempt.ts";

const protocolOptions = resolveProtocolOptions({ readMaxBytes: 200 });
const method: DescMethodStreaming = EchoService.method.chat;

/** What the caller is given, and what the balancer is told. */
interface Result {
  readonly messages: readonly string[];
  readonly header?: unknown;
  readonly trailer?: unknown;
  readonly error?: ReturnType<typeof shownError>;
  readonly outcome: Outcome;
}

async function readAll(attempt: Attempt, begun: Promise<StreamResponse>): Promise<Result> {
  const messages: string[] = [];
  let response: StreamResponse | undefined;
  try {
    response = await begun;
    for await (const message of response.message)
      messages.push(Buffer.from(toBinary(ChatResponseSchema, message as never)).toString("hex"));
    const { header, trailer } = response;
    return { messages, header: [...header], trailer: [...trailer], outcome: attempt.finish(undefined) };
  } catch (error) {
    return { messages, header: response && [...response.header], error: shownError(error), outcome: attempt.finish(error) };
  }
}

function readByUs(script: Script, protocol: Protocol): Promise<Result> {
  const format = streamFormats[protocol](protocolOptions);
  const plan = new MethodPlans<DescMethodStreaming>({ format, protocolOptions, origin: "http://a", pathPrefix: "" }).of(method);
  return playAttempt(script, true, (attempt) => {
    const stream = attempt.open([], false);
    const { readMaxBytes } = protocolOptions;
    const { response } = new ResponseMessages({ stream, plan, format, readMaxBytes, onOver: (error) => attempt.finish(error) });
    stream.end(new Uint8Array());
    return readAll(attempt, response);
  });
}

/** Byte by byte: Connect's own code hands out no message of a chunk in which a later one is wrong. */
async function* bytewise(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) for (const byte of chunk) yield Uint8Array.of(byte);
}

function readByConnect(script: Script, protocol: Protocol): Promise<Result> {
  return playAttempt(script, true, (attempt) => {
    const stream = attempt.open([], false);
    const { response } = new Exchange(stream);
    stream.end(new Uint8Array());
    const httpClient = () => response.then(({ status, header, trailer, body }) => ({ status, header, trailer, body: bytewise(body) }));
    const transport = createProtocolTransport(protocol, protocolOptions, { baseUrl: "http://a", interceptors: [], httpClient });
    return readAll(attempt, transport.stream(method, undefined, 0, undefined, (async function* () {})()));
  });
}

/** Errors of ours have sentences of ours. */
function comparable({ error, outcome, ...rest }: Result, hasOutcome: boolean) {
  return { ...rest, error: error && { ...error, rawMessage: undefined }, outcome: hasOutcome && outcome };
}

/** Its reader was so slow that the stream had closed, and was judged, before the error was found. */
function wasLate({ error, outcome }: Result): boolean {
  return error !== undefined && outcome.code === 0;
}

describe.each(["connect", "grpc", "grpc-web"] as const)("whatever a server answers to a stream over %s", (protocol) => {
  it("the caller is given, and the balancer told, what Connect's own code makes of it", { timeout: 300_000 }, async () => {
    let messages = 0;
    await fuzz(
      `stream-${protocol}`,
      async (input) => {
        const script = readScript(input, streamTypes);
        const byUs = await readByUs(script, protocol);
        messages += byUs.messages.length;
        const byConnect = await readByConnect(script, protocol);
        // Connect's own code does not notice when all is missing that a prefix announces.
        if (byUs.error?.rawMessage === "the response ended within a message") expect(byUs.messages).toEqual(byConnect.messages);
        else expect(comparable(byUs, !wasLate(byConnect))).toEqual(comparable(byConnect, !wasLate(byConnect)));
      },
      0.05,
    );
    expect(messages).toBeGreaterThan(0);
  });
});
