import { constants } from "node:http2";
import { gzipSync } from "node:zlib";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { manualClock } from "../../src/testing/index.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { answerEcho, envelope } from "../support/echo-wire.ts";
import { failureOf } from "../support/failure-of.ts";
import { encodeHeaders, type HeaderFields } from "../support/hpack.ts";
import { Flag, FrameType } from "../support/http2-frame.ts";
import { preferring } from "../support/preferring.ts";
import type { RawScript, RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { memoryMb } from "./memory.ts";

const maxFrameBytes = 16_384;
const headersOnly = { ":status": "200", "content-type": "application/proto" };

/** A hostile server that is preferred, a good one beside it, and a client for which time stands still. */
async function setUp(script: RawScript) {
  const hostile = use(await startRawHttp2Server(script));
  const good = use(await startEchoServer({ name: "good" }));
  const clock = manualClock();
  const balanced = await readyClient(staticTarget(hostile, good), { policy: preferring(hostile, good), clock, readMaxBytes: 1_000_000 });
  const standing = () => balanced.transport.inspect().endpoints.find(({ endpoint }) => endpoint.port === hostile.port);
  return { hostile, good, clock, standing, ...balanced };
}

/** A header block over as many frames as it takes. */
function sendBlock({ connection, id }: RawStream, block: Buffer, end: number = Flag.none): void {
  for (let from = 0; from < block.length; from += maxFrameBytes) {
    const type = from === 0 ? FrameType.headers : FrameType.continuation;
    const isLast = from + maxFrameBytes >= block.length;
    const flags = (isLast ? Flag.endHeaders : 0) | (from === 0 ? end : 0);
    connection.sendFrame(type, flags, id, block.subarray(from, from + maxFrameBytes));
  }
}

function trailing(trailers: HeaderFields): (stream: RawStream) => void {
  return (stream) => {
    stream.sendHeaders(headersOnly);
    sendBlock(stream, encodeHeaders(trailers), Flag.endStream);
  };
}

const fields = (count: number, value: string) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, value]));

/** One field of 4,000 bytes, put into HPACK's table and named again 8,000 times: 12 kB on the wire, 32 MB to whoever unpacks it. */
const hpackBomb = Buffer.concat([
  encodeHeaders(headersOnly),
  Buffer.from([0x40, 1, 0x78, 0x7f, 0xa1, 0x1e]),
  Buffer.alloc(4_000, 0x76),
  Buffer.alloc(8_000, 0xbe),
]);

describe.each<readonly [string, (stream: RawStream) => void]>([
  ["5,000 headers", (stream) => sendBlock(stream, encodeHeaders({ ...headersOnly, ...fields(5_000, "v") }))],
  ["an HPACK bomb", (stream) => sendBlock(stream, hpackBomb)],
])("a server that answers with %s", (_what, answer) => {
  it("has those streams reset, and nothing of them is kept", async () => {
    const { client, hostile, transport } = await setUp({ onRequestEnd: answer });
    const before = memoryMb();
    for (let n = 0; n < 20; n++) expect(await failureOf(client.update({}))).toMatchObject({ code: Code.ResourceExhausted });
    expect(memoryMb().heap - before.heap).toBeLessThan(10);
    await hostile.until(() => hostile.streams().every(({ resetCode }) => resetCode === constants.NGHTTP2_ENHANCE_YOUR_CALM));
    expect([hostile.connections.length, hostile.streams().length, inFlight(transport)]).toEqual([1, 20, 0]);
  });
});

describe.each<readonly [string, (stream: RawStream) => void]>([
  ["a header of 66 kB", (stream) => sendBlock(stream, encodeHeaders({ ...headersOnly, "x-long": "v".repeat(66_000) }))],
  ["200 kB of headers", (stream) => sendBlock(stream, encodeHeaders({ ...headersOnly, ...fields(15, "v".repeat(14_000)) }))],
  ["200 kB of trailers", trailing(fields(15, "v".repeat(14_000)))],
])("a server that answers with %s", (_what, answer) => {
  it("is cut off, and calls on others go on", async () => {
    const { client, hostile, good, standing } = await setUp({ onRequestEnd: answer });
    await failureOf(client.update({}));
    await eventually(() => standing()?.connectivity === "unreachable");
    expect(standing()?.lastFailure).toContain("broke the rules of HTTP/2");
    for (let n = 0; n < 20; n++) expect(await client.update({})).toMatchObject({ server: { name: "good" } });
    expect([hostile.connections.length, good.calls.length]).toEqual([1, 20]);
  });
});

it("a server that answers with 5,000 trailers is ejected", async () => {
  const { client, standing } = await setUp({ onRequestEnd: trailing(fields(5_000, "v")) });
  for (let n = 0; n < 5; n++) await failureOf(client.update({}));
  expect(standing()).toMatchObject({ ejection: "ejected" });
  expect(await client.update({})).toMatchObject({ server: { name: "good" } });
});

describe("bodies beyond readMaxBytes", () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));

  it("a compressed answer is unpacked up to the limit, and no further", async () => {
    const { client, hostile } = await setUp({
      onRequestEnd(stream) {
        stream.sendHeaders({ ...headersOnly, "content-encoding": "gzip" });
        for (let from = 0; from < bomb.length; from += maxFrameBytes) stream.sendData(bomb.subarray(from, from + maxFrameBytes));
        stream.sendData(Buffer.alloc(0), "end");
      },
    });
    const before = memoryMb();
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.ResourceExhausted });
    expect(memoryMb().resident - before.resident).toBeLessThan(40);
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.ResourceExhausted });
    expect(hostile.connections).toHaveLength(1);
  });

  it("an answer without end is cut at the limit, and the stream cancelled", async () => {
    const { client, hostile, transport } = await setUp({
      onRequestEnd(stream) {
        stream.sendHeaders(headersOnly);
        const more = () => {
          if (stream.connection.closed || stream.resetCode !== undefined) return;
          stream.sendData(Buffer.alloc(maxFrameBytes));
          setImmediate(more);
        };
        more();
      },
    });
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.ResourceExhausted });
    await eventually(() => inFlight(transport) === 0);
    await hostile.until(() => hostile.streams()[0]?.resetCode === constants.NGHTTP2_CANCEL);
  });

  it("a message of a stream that says it has 4 GB is refused by its length", async () => {
    const { client, hostile, transport } = await setUp({
      onRequestEnd(stream) {
        stream.sendHeaders({ ":status": "200", "content-type": "application/connect+proto" });
        stream.sendData(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 0]));
      },
    });
    expect(await failureOf(collect(client.count({})))).toMatchObject({ code: Code.ResourceExhausted });
    await eventually(() => inFlight(transport) === 0);
    await hostile.until(() => hostile.streams()[0]?.resetCode === constants.NGHTTP2_CANCEL);
  });

  it("a compressed message of a stream is unpacked up to the limit, and the stream cancelled", async () => {
    const { client, hostile, transport } = await setUp({
      onRequestEnd(stream) {
        stream.sendHeaders({ ":status": "200", "content-type": "application/connect+proto", "connect-content-encoding": "gzip" });
        const message = envelope(1, bomb);
        for (let from = 0; from < message.length; from += maxFrameBytes) stream.sendData(message.subarray(from, from + maxFrameBytes));
      },
    });
    expect(await failureOf(collect(client.count({})))).toMatchObject({ code: Code.ResourceExhausted });
    await eventually(() => inFlight(transport) === 0);
    await hostile.until(() => hostile.streams()[0]?.resetCode === constants.NGHTTP2_CANCEL);
  });
});

it("a server that resets every call is ejected", async () => {
  const { client, standing } = await setUp({ onRequestEnd: (stream) => stream.sendReset(constants.NGHTTP2_INTERNAL_ERROR) });
  for (let n = 0; n < 5; n++) await failureOf(client.update({}));
  expect(standing()).toMatchObject({ ejection: "ejected" });
  expect(await client.update({})).toMatchObject({ server: { name: "good" } });
});

describe("GOAWAY loops", () => {
  it("a server that sends GOAWAY on every connection is tried less and less often, and loses no call", async () => {
    const { client, hostile, clock, standing } = await setUp({
      onRequestEnd: (stream) => stream.connection.sendGoaway(0, constants.NGHTTP2_NO_ERROR),
    });
    for (let n = 0; n < 20; n++) expect(await client.update({})).toMatchObject({ server: { name: "good" } });
    expect(hostile.connections).toHaveLength(1);
    const pausesMs: number[] = [];
    for (let tries = 2; tries <= 6; tries++) {
      const leftAtMs = clock.now();
      while (standing()?.sessions.length === 0) clock.advance(100);
      pausesMs.push(clock.now() - leftAtMs);
      await eventually(() => standing()?.connectivity === "ready");
      for (let n = 0; n < 5; n++) expect(await client.update({})).toMatchObject({ server: { name: "good" } });
      expect(hostile.connections).toHaveLength(tries);
    }
    expect(pausesMs).toEqual(pausesMs.toSorted((a, b) => a - b));
    expect(pausesMs.at(-1)).toBeGreaterThan(2_000);
  });

  it("a server that answers each connection's first call and leaves costs a connection for a call, and no more", async () => {
    const { client, hostile } = await setUp({
      onRequestEnd(stream) {
        answerEcho(stream, "one");
        stream.connection.sendGoaway(stream.id, constants.NGHTTP2_NO_ERROR);
      },
    });
    for (let n = 0; n < 20; n++) await client.update({});
    expect(hostile.connections.length).toBeLessThanOrEqual(21);
  });
});
