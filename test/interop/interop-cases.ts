import { type CallOptions, type Client, Code, decodeBinaryHeader, encodeBinaryHeader } from "@connectrpc/connect";
import { expect } from "vitest";
import type { OutcomeKind } from "../../src/balancer/outcome.ts";
import type { TestService, UnimplementedService } from "../gen/grpc/testing/test_pb.ts";
import { collect, sending } from "../support/collect.ts";
import { failureOf } from "../support/failure-of.ts";
import type { CallLog } from "./call-log.ts";
import { initialMetadataKey, trailingMetadataKey, zeros } from "./interop-service.ts";

/** What a case is run against: the client under test, and what the servers say they saw. */
export interface InteropPeer {
  readonly client: Client<typeof TestService>;
  readonly unknown: Client<typeof UnimplementedService>;
  readonly log: CallLog;
}

/** One of gRPC's interop cases: as a client carries it out, and what a balancer is to make of it. */
export interface InteropCase {
  readonly name: string;
  /** How many calls a run makes. */
  readonly calls: number;
  /** What each call says of the endpoint that served it. */
  readonly outcome: OutcomeKind;
  run(peer: InteropPeer): Promise<void>;
}

/** Sizes, texts and codes are gRPC's: https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md */
export const interopCases: readonly InteropCase[] = [
  {
    name: "empty_unary",
    calls: 1,
    outcome: "success",
    async run({ client }) {
      expect(await client.emptyCall({})).toMatchObject({ $typeName: "grpc.testing.Empty" });
    },
  },
  { name: "large_unary", calls: 1, outcome: "success", run: ({ client }) => largeUnary(client) },
  {
    name: "client_streaming",
    calls: 1,
    outcome: "success",
    async run({ client }) {
      const requests = requestSizes.map((size) => ({ payload: zeros(size) }));
      expect(await client.streamingInputCall(sending(...requests))).toMatchObject({ aggregatedPayloadSize: 74_922 });
    },
  },
  {
    name: "server_streaming",
    calls: 1,
    outcome: "success",
    async run({ client }) {
      const responses = await collect(client.streamingOutputCall({ responseParameters: responseSizes.map((size) => ({ size })) }));
      expect(responses.map(({ payload }) => payload?.body.length)).toEqual(responseSizes);
    },
  },
  { name: "ping_pong", calls: 1, outcome: "success", run: ({ client }) => pingPong(client) },
  {
    name: "empty_stream",
    calls: 1,
    outcome: "success",
    async run({ client }) {
      expect(await collect(client.fullDuplexCall(sending()))).toEqual([]);
    },
  },
  { name: "cancel_after_begin", calls: 1, outcome: "abandoned", run: cancelAfterBegin },
  { name: "cancel_after_first_response", calls: 1, outcome: "abandoned", run: cancelAfterFirstResponse },
  {
    name: "timeout_on_sleeping_server",
    calls: 1,
    outcome: "timeout",
    async run({ client }) {
      const requests = openEnded({ payload: zeros(27_182) });
      expect(await failureOf(collect(client.fullDuplexCall(requests, { timeoutMs: 1 })))).toMatchObject({ code: Code.DeadlineExceeded });
    },
  },
  { name: "custom_metadata", calls: 2, outcome: "success", run: ({ client }) => customMetadata(client) },
  {
    name: "status_code_and_message",
    calls: 2,
    outcome: "failure",
    async run({ client }) {
      const responseStatus = { code: 2, message: "test status message" };
      const expected = { code: Code.Unknown, rawMessage: responseStatus.message };
      expect(await failureOf(client.unaryCall({ responseStatus }))).toMatchObject(expected);
      expect(await failureOf(collect(client.fullDuplexCall(sending({ responseStatus }))))).toMatchObject(expected);
    },
  },
  {
    name: "special_status_message",
    calls: 1,
    outcome: "failure",
    async run({ client }) {
      const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
      const error = await failureOf(client.unaryCall({ responseStatus: { code: 2, message } }));
      expect(error).toMatchObject({ code: Code.Unknown, rawMessage: message });
    },
  },
  {
    name: "unimplemented_method",
    calls: 1,
    outcome: "clientError",
    async run({ client }) {
      expect(await failureOf(client.unimplementedCall({}))).toMatchObject({ code: Code.Unimplemented });
    },
  },
  {
    name: "unimplemented_service",
    calls: 1,
    outcome: "clientError",
    async run({ unknown }) {
      expect(await failureOf(unknown.unimplementedCall({}))).toMatchObject({ code: Code.Unimplemented });
    },
  },
];

const requestSizes = [27_182, 8, 1_828, 45_904];
const responseSizes = [31_415, 9, 2_653, 58_979];

export async function largeUnary(client: Client<typeof TestService>): Promise<void> {
  const { payload } = await client.unaryCall({ responseSize: 314_159, payload: zeros(271_828) });
  expect(payload?.body.length).toBe(314_159);
}

/** Each request waits for the reply to the one before. */
async function pingPong(client: Client<typeof TestService>): Promise<void> {
  let replied = Promise.withResolvers<void>();
  async function* requests() {
    for (const [round, size] of responseSizes.entries()) {
      replied = Promise.withResolvers();
      yield { responseParameters: [{ size }], payload: zeros(requestSizes[round] ?? 0) };
      await replied.promise;
    }
  }
  const sizes: (number | undefined)[] = [];
  for await (const { payload } of client.fullDuplexCall(requests())) {
    sizes.push(payload?.body.length);
    replied.resolve();
  }
  expect(sizes).toEqual(responseSizes);
}

async function cancelAfterBegin({ client, log }: InteropPeer): Promise<void> {
  const { begun, cancelled } = log;
  const abort = new AbortController();
  const failure = failureOf(client.streamingInputCall(openEnded(), { signal: abort.signal }));
  await log.until(() => log.begun === begun + 1);
  abort.abort();
  expect(await failure).toMatchObject({ code: Code.Canceled });
  await log.until(() => log.cancelled === cancelled + 1);
}

async function cancelAfterFirstResponse({ client, log }: InteropPeer): Promise<void> {
  const { cancelled } = log;
  const abort = new AbortController();
  const requests = openEnded({ responseParameters: [{ size: 31_415 }], payload: zeros(27_182) });
  let responses = 0;
  const reading = (async () => {
    for await (const { payload } of client.fullDuplexCall(requests, { signal: abort.signal })) {
      expect(payload?.body.length).toBe(31_415);
      responses++;
      abort.abort();
    }
  })();
  expect(await failureOf(reading)).toMatchObject({ code: Code.Canceled });
  expect(responses).toBe(1);
  await log.until(() => log.cancelled === cancelled + 1);
}

async function customMetadata(client: Client<typeof TestService>): Promise<void> {
  const sent = Uint8Array.of(0xab, 0xab, 0xab);
  const echoed: unknown[] = [];
  const options: CallOptions = {
    headers: { [initialMetadataKey]: "test_initial_metadata_value", [trailingMetadataKey]: encodeBinaryHeader(sent) },
    onHeader: (header) => echoed.push(header.get(initialMetadataKey)),
    onTrailer: (trailer) => echoed.push(decodeBinaryHeader(trailer.get(trailingMetadataKey) ?? "")),
  };
  await client.unaryCall({ responseSize: 314_159, payload: zeros(271_828) }, options);
  await collect(client.fullDuplexCall(sending({ responseParameters: [{ size: 314_159 }], payload: zeros(271_828) }), options));
  expect(echoed).toEqual(["test_initial_metadata_value", sent, "test_initial_metadata_value", sent]);
}

/** A request stream that sends these messages, and never ends. */
async function* openEnded<T>(...messages: readonly T[]): AsyncGenerator<T> {
  yield* messages;
  await new Promise<never>(() => {});
}
