import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { readOrder, tellParent } from "../../demo/parent.ts";
import { CollectResponseSchema, CountRequestSchema, CountResponseSchema } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { envelopeOf } from "./envelope.ts";

export interface StreamerListening {
  readonly port: number;
}

const encode = new TextEncoder();

/** Sends as many messages as it is asked for, or takes what it is sent: as little server as there can be. */
async function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
  const contentType = headers["content-type"] ?? "";
  const isGrpc = contentType.startsWith("application/grpc");
  stream.on("error", () => {});
  stream.respond({ ":status": 200, "content-type": contentType }, { waitForTrailers: isGrpc });
  if (isGrpc) stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  if (headers[":path"]?.endsWith("/Count")) await sendMessages(stream);
  else await takeMessages(stream);
  stream.end(isGrpc ? undefined : envelopeOf(2, encode.encode("{}")));
}

async function sendMessages(stream: ServerHttp2Stream): Promise<void> {
  const request = fromBinary(CountRequestSchema, Buffer.concat(await Array.fromAsync(stream)).subarray(5));
  const padding = new Uint8Array(request.behavior?.size ?? 0);
  const message = envelopeOf(0, toBinary(CountResponseSchema, create(CountResponseSchema, { number: 1, padding })));
  for (let number = 1; number <= request.count && !stream.destroyed; number++) {
    if (!stream.write(message)) await Promise.race([once(stream, "drain"), once(stream, "close")]);
  }
}

async function takeMessages(stream: ServerHttp2Stream): Promise<void> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  stream.write(envelopeOf(0, toBinary(CollectResponseSchema, create(CollectResponseSchema, { messages: bytes }))));
}

readOrder();
const server = createServer().on("stream", serve).listen(0, "127.0.0.1");
await once(server, "listening");
tellParent<StreamerListening>({ port: (server.address() as AddressInfo).port });
