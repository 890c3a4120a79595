import { create, toBinary } from "@bufbuild/protobuf";
import { CountResponseSchema, EchoResponseSchema } from "../gen/meshless/testing/v1/echo_pb.ts";
import type { RawStream } from "./raw-connection.ts";

/** How a raw server speaks to the client; gRPC-Web adds nothing of its own on this level. */
export type WireProtocol = "connect" | "grpc";

/** Answers a call of `Echo` (and, since the fields are the same, of `Update`) in full. */
export function answerEcho(stream: RawStream, text: string, protocol: WireProtocol = "connect"): void {
  const message = toBinary(EchoResponseSchema, create(EchoResponseSchema, { text }));
  if (protocol === "connect") {
    stream.sendHeaders({ ":status": "200", "content-type": "application/proto" });
    stream.sendData(message, "end");
  } else {
    stream.sendHeaders({ ":status": "200", "content-type": "application/grpc+proto" });
    stream.sendData(envelope(0, message));
    stream.sendHeaders({ "grpc-status": "0" }, "end");
  }
}

/** Begins the answer to `Count`: headers, and the first messages. Ends nothing. */
export function beginCount(stream: RawStream, messages: number, protocol: WireProtocol = "connect"): void {
  const contentType = protocol === "connect" ? "application/connect+proto" : "application/grpc+proto";
  stream.sendHeaders({ ":status": "200", "content-type": contentType });
  for (let number = 1; number <= messages; number++) {
    stream.sendData(envelope(0, toBinary(CountResponseSchema, create(CountResponseSchema, { number }))));
  }
}

/** Ends the answer to `Count` well. */
export function endCount(stream: RawStream, protocol: WireProtocol = "connect"): void {
  if (protocol === "connect") stream.sendData(envelope(2, Buffer.from("{}")), "end");
  else stream.sendHeaders({ "grpc-status": "0" }, "end");
}

/** The five-byte prefix that Connect's streams and gRPC share. */
export function envelope(flags: number, message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flags, 0);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
