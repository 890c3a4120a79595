import { constants } from "node:http2";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { answerEcho, beginCount, endCount, envelope, type WireProtocol } from "../support/echo-wire.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import type { RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const { NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_ENHANCE_YOUR_CALM } = constants;
const protocols = ["connect", "grpc"] as const satisfies readonly WireProtocol[];

/** A raw server that is tried first and does as it is told, and a good one beside it. */
async function setUp(protocol: WireProtocol, onRequestEnd: (stream: RawStream) => void) {
  const resetting = use(await startRawHttp2Server({ onRequestEnd }));
  const good = use(await startEchoServer({ name: "good" }));
  const balanced = await readyClient(staticTarget(resetting, good), { protocol, policy: preferring(resetting, good) });
  const attempts = () => [resetting.streams().length, good.calls.length];
  return { resetting, good, attempts, ...balanced };
}

describe.each(protocols)("a stream that the server resets, in %s", (protocol) => {
  describe("before the headers", () => {
    it("with REFUSED_STREAM: the call is made elsewhere, whatever the method and kind", async () => {
      const { client, attempts, transport } = await setUp(protocol, (stream) => stream.sendReset(NGHTTP2_REFUSED_STREAM));
      expect(await client.update({ text: "a" })).toMatchObject({ text: "a", server: { name: "good" } });
      expect(await collect(client.count({ count: 2 }))).toMatchObject([{ number: 1 }, { number: 2 }]);
      expect(attempts()).toEqual([2, 2]);
      await eventually(() => inFlight(transport) === 0);
    });

    it.each([
      ["NO_ERROR", NGHTTP2_NO_ERROR, Code.Internal],
      ["CANCEL", NGHTTP2_CANCEL, Code.Canceled],
      ["INTERNAL_ERROR", NGHTTP2_INTERNAL_ERROR, Code.Internal],
    ])("with %s: made elsewhere once if that is safe, else an error", async (_name, resetCode, code) => {
      const { client, attempts, transport } = await setUp(protocol, (stream) => stream.sendReset(resetCode));
      expect(await client.echo({ text: "a" })).toMatchObject({ text: "a", server: { name: "good" } });
      expect(attempts()).toEqual([1, 1]);
      expect(await failureOf(client.update({}))).toMatchObject({ code });
      expect(attempts()).toEqual([2, 1]);
      await eventually(() => inFlight(transport) === 0);
    });

    it("with ENHANCE_YOUR_CALM: an error that asks for less", async () => {
      const { client, attempts } = await setUp(protocol, (stream) => stream.sendReset(NGHTTP2_ENHANCE_YOUR_CALM));
      expect(await failureOf(client.update({}))).toMatchObject({ code: Code.ResourceExhausted });
      expect(attempts()).toEqual([1, 0]);
    });
  });

  // The codes are gRPC's: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors
  describe.each([
    ["NO_ERROR", NGHTTP2_NO_ERROR, Code.Internal],
    ["CANCEL", NGHTTP2_CANCEL, Code.Canceled],
    ["INTERNAL_ERROR", NGHTTP2_INTERNAL_ERROR, Code.Internal],
    ["REFUSED_STREAM", NGHTTP2_REFUSED_STREAM, Code.Unavailable],
  ])("with %s", (_name, resetCode, code) => {
    it("after the headers: the call fails once, and is not made again", async () => {
      const { client, attempts } = await setUp(protocol, (stream) => {
        beginCount(stream, 0, protocol);
        stream.sendReset(resetCode);
      });
      expect(await failureOf(collect(client.count({ count: 1 })))).toMatchObject({ code });
      expect(attempts()).toEqual([1, 0]);
    });

    it("in mid-stream: what came is delivered, then the call fails once", async () => {
      const { client, attempts, transport } = await setUp(protocol, (stream) => {
        beginCount(stream, 2, protocol);
        stream.sendData(envelope(0, Buffer.alloc(100)).subarray(0, 50));
        stream.sendReset(resetCode);
      });
      const numbers: number[] = [];
      const reading = (async () => {
        for await (const { number } of client.count({ count: 3 })) numbers.push(number);
      })();
      expect(await failureOf(reading)).toMatchObject({ code });
      expect(numbers).toEqual([1, 2]);
      expect(attempts()).toEqual([1, 0]);
      await eventually(() => inFlight(transport) === 0);
    });

    it("after the headers of a unary answer: fails, even where the bytes so far would parse", async () => {
      const { client, attempts } = await setUp(protocol, (stream) => {
        stream.sendHeaders({ ":status": "200", "content-type": protocol === "connect" ? "application/proto" : "application/grpc+proto" });
        if (protocol === "grpc") stream.sendData(envelope(0, Buffer.alloc(0)));
        stream.sendReset(resetCode);
      });
      expect(await failureOf(client.update({ text: "a" }))).toMatchObject({ code });
      expect(attempts()).toEqual([1, 0]);
    });
  });
});

describe.each(protocols)("an answer that is complete, in %s", (protocol) => {
  it("stands, even if the server resets the stream after it", async () => {
    const { client } = await setUp(protocol, (stream) => {
      answerEcho(stream, "complete", protocol);
      stream.sendReset(NGHTTP2_NO_ERROR);
    });
    expect(await client.update({})).toMatchObject({ text: "complete" });
  });

  it("stands, even if it is read slowly", async () => {
    const { client, resetting } = await setUp(protocol, (stream) => {
      beginCount(stream, 50, protocol);
      endCount(stream, protocol);
      stream.sendReset(NGHTTP2_NO_ERROR);
    });
    const numbers: number[] = [];
    for await (const { number } of client.count({ count: 50 })) {
      if (number === 1) {
        // By the time that the server has its acknowledgement, the client has long received everything.
        resetting.connections[0]?.sendPing();
        await resetting.until(() => resetting.connections[0]?.pingsAcked === 1);
      }
      numbers.push(number);
    }
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });
});

it("tries each endpoint at most once when all refuse, and says so", async () => {
  const refusing = await Promise.all(
    [1, 2, 3].map(() => startRawHttp2Server({ onHeaders: (stream) => stream.sendReset(NGHTTP2_REFUSED_STREAM) })),
  );
  for (const server of refusing) use(server);
  const { client, transport } = await readyClient(staticTarget(...refusing));
  const error = await failureOf(client.update({}));
  expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringMatching(/refused/i) });
  expect(refusing.map((server) => server.streams().length).sort()).toEqual([1, 1, 1]);
  await eventually(() => inFlight(transport) === 0);
});
