import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { readOrder, tellParent } from "../demo/parent.ts";
import { EchoResponseSchema } from "../test/gen/meshless/testing/v1/echo_pb.ts";

export interface ResponderOrder {
  /** How many ports to listen on, each one endpoint. */
  readonly endpoints: number;
}

export interface Listening {
  readonly ports: readonly number[];
}

/** Answers every call with the same bytes, in the caller's protocol: as little server as there can be. */
function respond(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const contentType = headers["content-type"] ?? "";
  stream.resume();
  stream.once("end", () => {
    if (contentType.startsWith("application/grpc")) return respondGrpc(stream, contentType);
    stream.respond({ ":status": 200, "content-type": contentType });
    stream.end(message);
  });
}

function respondGrpc(stream: ServerHttp2Stream, contentType: string): void {
  stream.respond({ ":status": 200, "content-type": contentType }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(envelope);
}

async function listen(): Promise<number> {
  const server = createServer();
  server.on("stream", respond);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const order = readOrder<ResponderOrder>();
const message = toBinary(EchoResponseSchema, create(EchoResponseSchema, { text: "hello" }));
const envelope = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
const ports = await Promise.all(Array.from({ length: order.endpoints }, listen));
tellParent<Listening>({ ports });
