import { constants } from "node:http2";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { Flag, FrameType } from "../support/http2-frame.ts";
import { preferring } from "../support/preferring.ts";
import type { RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const misdeeds: readonly (readonly [string, (stream: RawStream) => void])[] = [
  ["pushes a response", (stream) => stream.sendPushPromise(2, { ":method": "GET", ":path": "/", ":scheme": "http", ":authority": "a" })],
  ["answers in HTTP/1.1", (stream) => stream.connection.sendBytes(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))],
  [
    "sends a header block that is no HPACK",
    (stream) => stream.connection.sendFrame(FrameType.headers, Flag.endHeaders, stream.id, Buffer.from([0xff, 0xff, 0xff, 0xff])),
  ],
  ["sends a frame larger than allowed", (stream) => stream.sendData(Buffer.alloc(20_000))],
  ["sends data on a stream that nobody opened", (stream) => stream.connection.sendFrame(FrameType.data, Flag.none, 99, Buffer.from("x"))],
  ["sends a PING of the wrong size", (stream) => stream.connection.sendFrame(FrameType.ping, Flag.none, 0, Buffer.alloc(3))],
  ["sends headers without a status", (stream) => stream.sendHeaders({ "content-type": "application/proto" }, "end")],
];

describe.each(misdeeds)("a server that %s", (_what, misbehave) => {
  it("fails its own calls, and no others", async () => {
    const bad = use(await startRawHttp2Server({ onRequestEnd: misbehave }));
    const good = use(await startEchoServer({ name: "good" }));
    const { client, transport } = await readyClient(staticTarget(bad, good), { policy: preferring(bad, good) });
    const { code } = await failureOf(client.update({}));
    expect([Code.Unavailable, Code.Internal]).toContain(code);
    expect(await client.echo({})).toMatchObject({ server: { name: "good" } });
    expect(good.calls).toHaveLength(1);
    await eventually(() => inFlight(transport) === 0);
  });
});

it("a server that answers in plain text fails as its status says", async () => {
  const bad = use(
    await startRawHttp2Server({
      onRequestEnd(stream) {
        stream.sendHeaders({ ":status": "503", "content-type": "text/plain" });
        stream.sendData(Buffer.from("upstream connect error"), "end");
      },
    }),
  );
  const { client, transport } = await readyClient(staticTarget(bad));
  expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable });
  await eventually(() => inFlight(transport) === 0);
});

it.each(["grpc", "grpc-web"] as const)(
  "an error in headers alone (trailers-only, in %s) is understood, and no reason to try elsewhere",
  async (protocol) => {
    const raw = use(
      await startRawHttp2Server({
        onRequestEnd: (stream) =>
          stream.sendHeaders(
            { ":status": "200", "content-type": `application/${protocol}+proto`, "grpc-status": "14", "grpc-message": "away%21" },
            "end",
          ),
      }),
    );
    const good = use(await startEchoServer());
    const { client, transport } = await readyClient(staticTarget(raw, good), { protocol, policy: preferring(raw, good) });
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable, rawMessage: "away!" });
    expect(await failureOf(collect(client.count({})))).toMatchObject({ code: Code.Unavailable, rawMessage: "away!" });
    expect(good.calls).toHaveLength(0);
    await eventually(() => inFlight(transport) === 0);
  },
);

it("a server that says early hints first is understood", async () => {
  const raw = use(
    await startRawHttp2Server({
      onRequestEnd(stream) {
        stream.sendHeaders({ ":status": "103", link: "</a>" });
        stream.sendHeaders({ ":status": "200", "content-type": "application/proto" });
        stream.sendData(Buffer.alloc(0), "end");
      },
    }),
  );
  const { client } = await readyClient(staticTarget(raw));
  expect(await client.update({})).toMatchObject({ text: "" });
});

it("a server that answers in full before it has read the request, then resets, is understood", async () => {
  const raw = use(
    await startRawHttp2Server({
      onHeaders(stream) {
        stream.sendHeaders({ ":status": "200", "content-type": "application/proto" });
        stream.sendData(Buffer.from([0x0a, 1, 0x61]), "end");
        stream.sendReset(constants.NGHTTP2_NO_ERROR);
      },
    }),
  );
  const { client } = await readyClient(staticTarget(raw));
  expect(await client.update({ text: "x".repeat(1000) })).toMatchObject({ text: "a" });
});
