import { once } from "node:events";
import { type ClientHttp2Stream, connect } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { CollectRequestSchema, CountRequestSchema, CountResponseSchema, EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { envelopeOf } from "./envelope.ts";
import type { MakeStream, StreamWire } from "./stream-wire.ts";

/** The least that can be done: the stream as events, envelopes and Protobuf, without errors. */
export function rawStream({ port, direction, bytes }: StreamWire): MakeStream {
  const session = connect(`http://127.0.0.1:${port}`);
  const open = (method: string) =>
    session.request({ ":method": "POST", ":path": `/${EchoService.typeName}/${method}`, "content-type": "application/connect+proto" });
  return direction === "down"
    ? (messages) => count(open("Count"), messages, bytes)
    : (messages) => collect(open("Collect"), messages, bytes);
}

async function count(stream: ClientHttp2Stream, messages: number, bytes: number): Promise<number> {
  stream.end(envelopeOf(0, toBinary(CountRequestSchema, create(CountRequestSchema, { count: messages, behavior: { size: bytes } }))));
  let received = 0;
  let chunks: Buffer[] = [];
  let bytesHere = 0;
  let bytesWanted = 5;
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytesHere += chunk.length;
    if (bytesHere < bytesWanted) return;
    let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    for (bytesWanted = lengthOf(rest); rest.length >= bytesWanted; bytesWanted = lengthOf(rest)) {
      if (rest[0] === 0 && fromBinary(CountResponseSchema, rest.subarray(5, bytesWanted)).padding.length === bytes) received++;
      rest = rest.subarray(bytesWanted);
    }
    chunks = [rest];
    bytesHere = rest.length;
  });
  await once(stream, "end");
  return received;
}

/** Of the envelope that begins so; 5, its prefix, where that is not here yet. */
function lengthOf(bytes: Buffer): number {
  return bytes.length < 5 ? 5 : 5 + bytes.readUInt32BE(1);
}

async function collect(stream: ClientHttp2Stream, messages: number, bytes: number): Promise<number> {
  const message = create(CollectRequestSchema, { text: "x".repeat(bytes) });
  for (let sent = 0; sent < messages; sent++) {
    if (!stream.write(envelopeOf(0, toBinary(CollectRequestSchema, message)))) await once(stream, "drain");
  }
  stream.end().resume();
  await once(stream, "end");
  return messages;
}
