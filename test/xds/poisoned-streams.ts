import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { DeltaDiscoveryResponseSchema } from "../../src/gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { HeaderFields } from "../support/hpack.ts";
import { FrameType } from "../support/http2-frame.ts";
import type { RawScript, RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { use } from "../support/use.ts";
import { typeUrl } from "./poisoned-endpoints.ts";
import type { Poison, PoisonedWorld, Told } from "./poisoned-world.ts";

const silent = { error: /^control plane 127\S+ \(\S+\) does not answer since / };
const ok = { ":status": "200", "content-type": "application/grpc+proto" };

/** A server that speaks frames, in place of the control plane, until the client has come to it; then the control plane is back. */
function connection(name: string, told: Told, script: RawScript, hasCome: (streams: number) => boolean = () => true): Poison {
  return {
    name,
    variants: ["delta"],
    told,
    async poison(world: PoisonedWorld) {
      const raw = use(await startRawHttp2Server(script));
      world.proxy.redirect(raw.port);
      world.proxy.resetPeers();
      await raw.until(() => raw.connections.length > 0 && hasCome(raw.streams().length));
      await world.isTold(told);
      world.proxy.redirect(world.plane.port);
      world.proxy.resetPeers();
    },
  };
}

function stream(name: string, told: Told, answer: (stream: RawStream) => void): Poison {
  return connection(name, told, { onHeaders: answer }, (streams) => streams > 0);
}

const trailersOnly = (name: string, fields: HeaderFields) =>
  stream(name, silent, (stream) => stream.sendHeaders({ ...ok, ...fields }, "end"));

/** Response headers, these bytes, and the end or not. */
function body(name: string, told: Told, bytes: Uint8Array, end: "end" | "open" = "open", fields: HeaderFields = {}): Poison {
  return stream(name, told, (stream) => {
    stream.sendHeaders({ ...ok, ...fields });
    stream.sendData(bytes, end);
  });
}

/** @param length as the prefix has it */
function message(bytes: Uint8Array, flags = 0, length = bytes.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flags);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, bytes]);
}

const response = toBinary(DeltaDiscoveryResponseSchema, create(DeltaDiscoveryResponseSchema, { typeUrl, nonce: "1" }));
const statusNames = [
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

export const poisonedStreams: readonly Poison[] = [
  // Connections.
  connection("closes each connection at once", silent, { onConnection: (connection) => connection.end() }),
  connection("resets each connection at once", silent, { onConnection: (connection) => connection.reset() }),
  connection("accepts connections, and says nothing", "later", { settings: "silent" }),
  connection("speaks no HTTP/2", silent, {
    settings: "silent",
    onConnection: (connection) => connection.sendBytes(Buffer.alloc(1_000, 0x61)),
  }),
  connection("speaks HTTP/1.1", silent, {
    settings: "silent",
    onConnection: (connection) => connection.sendBytes(Buffer.from("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")),
  }),
  connection("says goodbye at once", silent, { onConnection: (connection) => connection.sendGoaway(0, 0) }),
  connection("asks for calm", silent, { onConnection: (connection) => connection.sendGoaway(0, 11, "too_many_pings") }),
  connection("allows no streams", "later", { settings: { maxConcurrentStreams: 0 } }),
  connection("sends frames that are too long", silent, {
    onConnection: (connection) => connection.sendFrame(FrameType.data, 0, 1, Buffer.alloc(100_000)),
  }),
  connection("sends data on a stream that nobody opened", silent, {
    onConnection: (connection) => connection.sendFrame(FrameType.headers, 4, 7, Buffer.from([0x88])),
  }),
  // Streams.
  stream("says nothing on the stream", "later", () => {}),
  stream("refuses each stream", silent, (stream) => stream.sendReset(7)),
  stream("cancels each stream", silent, (stream) => stream.sendReset(8)),
  stream("resets each stream for an error of its own", silent, (stream) => stream.sendReset(2)),
  stream("answers with a thousand headers", silent, (stream) => stream.sendHeaders({ ...ok, "x-a": Array(1_000).fill("b") })),
  // Statuses.
  ...statusNames.map((name, index) =>
    trailersOnly(`ends each stream as ${name}`, { "grpc-status": String(index + 1), "grpc-message": "no%20thanks" }),
  ),
  trailersOnly("ends each stream well, and has said nothing", { "grpc-status": "0" }),
  trailersOnly("ends each stream without a status", {}),
  trailersOnly("ends each stream with a status that is no number", { "grpc-status": "banana" }),
  trailersOnly("ends each stream with status 999", { "grpc-status": "999" }),
  trailersOnly("ends each stream with details that can't be read", { "grpc-status": "13", "grpc-status-details-bin": "%%%" }),
  ...["301", "401", "404", "429", "503"].map((status) =>
    stream(`answers as a proxy does, with ${status}`, silent, (stream) =>
      stream.sendHeaders({ ":status": status, "content-type": "text/html" }, "end"),
    ),
  ),
  stream("answers with a web page", silent, (stream) => {
    stream.sendHeaders({ ":status": "200", "content-type": "text/html" });
    stream.sendData(Buffer.from("<html>"), "end");
  }),
  // Messages.
  body("ends in the midst of a message", silent, message(response, 0, 1_000), "end"),
  body("stops in the midst of a message", "later", message(response, 0, 1_000)),
  body("stops in the midst of a prefix", "later", Buffer.from([0, 0])),
  body("announces a message of 4 GB", silent, message(response, 0, 2 ** 32 - 1)),
  body("announces a message of 33 MB", silent, message(response, 0, 33 * 1024 * 1024)),
  body("sends a message that is no message", silent, message(Buffer.alloc(50, 0xff))),
  body("sends a message with flags that nobody knows", "later", message(response, 0x40)),
  body("sends a compressed message without a compression", silent, message(gzipSync(response), 1)),
  body("sends a compressed message that is none", silent, message(response, 1), "open", { "grpc-encoding": "gzip" }),
  body("sends a compressed message by a compression that nobody knows", silent, message(response, 1), "open", { "grpc-encoding": "lzma" }),
  body("sends 64 MB in 64 KB", silent, message(gzipSync(Buffer.alloc(64 * 1024 * 1024)), 1), "open", { "grpc-encoding": "gzip" }),
  // Messages of nothing are responses without a type: the stream works, and says nothing of use.
  body("sends empty messages", "later", Buffer.concat(Array(1_000).fill(message(new Uint8Array())))),
];
