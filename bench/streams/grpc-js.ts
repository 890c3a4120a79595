import { once } from "node:events";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import {
  CollectRequestSchema,
  CollectResponseSchema,
  CountRequestSchema,
  CountResponseSchema,
  EchoService,
} from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import type { MakeStream, StreamWire } from "./stream-wire.ts";

const path = (method: string) => `/${EchoService.typeName}/${method}`;

/** Streams of grpc-js, with the same Protobuf. */
export function grpcJs({ port, direction, bytes }: StreamWire): MakeStream {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return direction === "down" ? (messages) => count(client, messages, bytes) : (messages) => collect(client, messages, bytes);
}

async function count(client: Client, messages: number, bytes: number): Promise<number> {
  const request = create(CountRequestSchema, { count: messages, behavior: { size: bytes } });
  const serialize = (message: typeof request) => Buffer.from(toBinary(CountRequestSchema, message));
  const call = client.makeServerStreamRequest(path("Count"), serialize, (buffer) => fromBinary(CountResponseSchema, buffer), request);
  let received = 0;
  for await (const { padding } of call) if (padding.length === bytes) received++;
  return received;
}

async function collect(client: Client, messages: number, bytes: number): Promise<number> {
  const message = create(CollectRequestSchema, { text: "x".repeat(bytes) });
  const serialize = (sent: typeof message) => Buffer.from(toBinary(CollectRequestSchema, sent));
  const answered = Promise.withResolvers<unknown>();
  const call = client.makeClientStreamRequest(
    path("Collect"),
    serialize,
    (buffer) => fromBinary(CollectResponseSchema, buffer),
    (error, response) => (error ? answered.reject(error) : answered.resolve(response)),
  );
  for (let sent = 0; sent < messages; sent++) if (!call.write(message)) await once(call, "drain");
  call.end();
  await answered.promise;
  return messages;
}
