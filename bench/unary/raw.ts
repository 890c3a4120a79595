import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from "node:http2";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { EchoRequestSchema, EchoResponseSchema } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { type Call, PATH, requestOf, urlOf, type Wire } from "./wire.ts";

/** The least that can be done: one session and the bytes, without protobuf, deadlines or errors. */
export function rawHttp2(wire: Wire): Call {
  const session = connect(urlOf(wire, wire.ports[0]), { ca: wire.ca });
  const body = toBinary(EchoRequestSchema, requestOf(wire));
  const prefix = body.length - Buffer.byteLength(wire.text);
  return () =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":method": "POST", ":path": PATH, "content-type": "application/proto" });
      // The message is one field: tag, length, text.
      receive(stream, reject, (bytes) => resolve(bytes.toString("utf8", prefix)));
      stream.end(body);
    });
}

/** The floor of a client that balances: sessions to all endpoints in turn, the headers of the protocol, protobuf both ways, the status. */
export function rawEqualConnect(wire: Wire): Call {
  const request = requestOf(wire);
  const take = sessionsOf(wire, ["connect-protocol-version", "1", "content-type", "application/proto", "accept-encoding", "gzip,br"]);
  return () =>
    new Promise((resolve, reject) => {
      const { session, headers } = take();
      const stream = session.request(headers, going);
      let status = 0;
      stream.on("response", (headers) => {
        status = headers[":status"] ?? 0;
      });
      receive(stream, reject, (bytes) => {
        if (status === 200) resolve(fromBinary(EchoResponseSchema, bytes).text);
        else reject(new Error(`HTTP ${status}`));
      });
      stream.end(toBinary(EchoRequestSchema, request));
    });
}

/** Likewise for gRPC: envelopes both ways, and the status in trailers. */
export function rawEqualGrpc(wire: Wire): Call {
  const request = requestOf(wire);
  const take = sessionsOf(wire, ["content-type", "application/grpc+proto", "te", "trailers", "grpc-accept-encoding", "gzip,br"]);
  return () =>
    new Promise((resolve, reject) => {
      const { session, headers } = take();
      const stream = session.request(headers, going);
      let status: IncomingHttpHeaders[string];
      stream.on("trailers", (trailers) => {
        status = trailers["grpc-status"];
      });
      receive(stream, reject, (bytes) => {
        if (status === "0" && bytes.readUInt32BE(1) === bytes.length - 5) resolve(fromBinary(EchoResponseSchema, bytes.subarray(5)).text);
        else reject(new Error(`status ${status}`));
      });
      stream.end(envelope(toBinary(EchoRequestSchema, request)));
    });
}

const going = { endStream: false };

interface Floor {
  readonly session: ClientHttp2Session;
  readonly headers: readonly string[];
}

/** Sessions in turn, each with the headers of its requests. */
function sessionsOf(wire: Wire, fields: readonly string[]): () => Floor {
  const scheme = wire.ca === undefined ? "http" : "https";
  const floors = wire.ports.map((port) => ({
    session: connect(urlOf(wire, port), { ca: wire.ca }),
    headers: [":method", "POST", ":path", PATH, ":scheme", scheme, ":authority", `127.0.0.1:${port}`, "user-agent", "raw/1.0", ...fields],
  }));
  let next = 0;
  return () => floors[next++ % floors.length] as Floor;
}

function receive(stream: ClientHttp2Stream, onError: (error: Error) => void, onEnd: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.once("error", onError);
  stream.once("end", () => onEnd(Buffer.concat(chunks)));
}

function envelope(message: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(message.length + 5);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}
