import { createSecureServer, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { readOrder, tellParent } from "../../demo/parent.ts";
import { EchoResponseSchema } from "../../test/gen/meshless/testing/v1/echo_pb.ts";

export interface ResponderOrder {
  /** How many ports to listen on, each one endpoint. */
  readonly endpoints: number;
  /** What it answers. */
  readonly text: string;
  /** In PEM; undefined: h2c. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

export interface Listening {
  readonly ports: readonly number[];
}

/** Answers every call with the same bytes, in the caller's protocol: as little server as there can be. */
function respond(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const contentType = headers["content-type"] ?? "";
  stream.resume();
  stream.once("end", () => {
    if (contentType.startsWith("application/grpc-web")) return answer(stream, contentType, webBody);
    if (contentType.startsWith("application/grpc")) return answerGrpc(stream, contentType);
    answer(stream, contentType, message);
  });
}

function answer(stream: ServerHttp2Stream, contentType: string, body: Uint8Array): void {
  stream.respond({ ":status": 200, "content-type": contentType });
  stream.end(body);
}

function answerGrpc(stream: ServerHttp2Stream, contentType: string): void {
  stream.respond({ ":status": 200, "content-type": contentType }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(envelope);
}

function envelopeOf(flags: number, bytes: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flags;
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

async function listen(): Promise<number> {
  const server = order.tls === undefined ? createServer() : createSecureServer(order.tls);
  server.on("stream", respond);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const order = readOrder<ResponderOrder>();
const message = toBinary(EchoResponseSchema, create(EchoResponseSchema, { text: order.text }));
const envelope = envelopeOf(0, message);
const webBody = Buffer.concat([envelope, envelopeOf(128, Buffer.from("grpc-status: 0\r\n"))]);
const ports = await Promise.all(Array.from({ length: order.endpoints }, listen));
tellParent<Listening>({ ports });
