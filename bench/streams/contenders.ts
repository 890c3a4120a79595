import { createClient as createConnectClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { createBalancedTransport, createClient } from "meshless";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { grpcJs } from "./grpc-js.ts";
import { rawStream } from "./raw-stream.ts";
import type { MakeStream, StreamWire } from "./stream-wire.ts";

/** Each with one connection. */
export const streamContenders = {
  "raw-node-http2": rawStream,
  "grpc-js": grpcJs,
  "connect-node-connect": (wire) => echo(wire, createConnectTransport({ baseUrl: urlOf(wire), httpVersion: "2" }), createConnectClient),
  "connect-node-grpc": (wire) => echo(wire, createGrpcTransport({ baseUrl: urlOf(wire) }), createConnectClient),
  "meshless-connect": (wire) => echo(wire, balanced(wire, "connect"), createClient),
  "meshless-grpc": (wire) => echo(wire, balanced(wire, "grpc"), createClient),
} satisfies Record<string, (wire: StreamWire) => MakeStream>;

export type StreamContender = keyof typeof streamContenders;

function urlOf({ port }: StreamWire): string {
  return `http://127.0.0.1:${port}`;
}

function balanced({ port }: StreamWire, protocol: "connect" | "grpc"): Transport {
  return createBalancedTransport(`static:///127.0.0.1:${port}`, { protocol });
}

function echo({ direction, bytes }: StreamWire, transport: Transport, create: typeof createConnectClient): MakeStream {
  const client = create(EchoService, transport);
  if (direction === "up") {
    const text = "x".repeat(bytes);
    return async (messages) => {
      await client.collect(repeated(text, messages));
      return messages;
    };
  }
  return async (messages) => {
    let received = 0;
    for await (const { padding } of client.count({ count: messages, behavior: { size: bytes } })) {
      if (padding.length === bytes) received++;
    }
    return received;
  };
}

async function* repeated(text: string, times: number): AsyncGenerator<{ text: string }> {
  for (let time = 0; time < times; time++) yield { text };
}
