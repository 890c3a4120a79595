import { constants } from "node:http2";
import { Code, createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { Protocol } from "../../src/transport/connect/protocol-options.ts";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import type { RawConnection, RawScript, RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { use } from "../support/use.ts";
import { CallLog } from "./call-log.ts";
import { largeUnary } from "./interop-cases.ts";
import { connectNodeServer } from "./interop-server.ts";
import { zeros } from "./interop-service.ts";
import { UnaryAnswer } from "./unary-answer.ts";

const protocols: readonly Protocol[] = ["grpc", "grpc-web", "connect"];
const places = ["alone", "beside a healthy server"] as const;
const settings = protocols.flatMap((protocol) => places.map((place) => ({ protocol, place })));

// https://github.com/grpc/grpc/blob/master/doc/negative-http2-interop-test-descriptions.md
describe.each(settings)("in $protocol, a bad server $place", ({ protocol, place }) => {
  /** A bad server, which is tried first, and perhaps a healthy one: what that was asked is in the log. */
  async function setUp(script: RawScript) {
    const log = new CallLog();
    const bad = use(await startRawHttp2Server(script));
    const healthy = place === "alone" ? [] : [await connectNodeServer()("healthy", log)];
    const { transport } = await readyClient(staticTarget(bad, ...healthy), {
      protocol,
      policy: preferring(bad),
      ejection: { baseMs: 60_000 },
      session: { maxSessionsPerEndpoint: 1 },
    });
    return { bad, log, client: createClient(TestService, transport) };
  }

  async function answer(stream: RawStream): Promise<void> {
    const answer = new UnaryAnswer(stream, protocol);
    answer.sendHeaders();
    await answer.sendMessage();
    answer.sendEnd();
  }

  it.each(["before", "after"])("goaway, sent %s the first answer: the second call is served, and nobody has to wait", async (when) => {
    const answeredOn: RawConnection[] = [];
    const leave = ({ connection, id }: RawStream) => connection.sendGoaway(id, constants.NGHTTP2_NO_ERROR);
    const { bad, log, client } = await setUp({
      async onRequestEnd(stream) {
        const isFirst = bad.streams()[0] === stream;
        // What comes after the GOAWAY on the same connection is not looked at.
        if (!isFirst && stream.connection === bad.connections[0]) return;
        answeredOn.push(stream.connection);
        if (isFirst && when === "before") leave(stream);
        await answer(stream);
        if (isFirst && when === "after") leave(stream);
      },
    });
    await largeUnary(client);
    await largeUnary(client);
    expect(answeredOn.filter((connection) => connection === bad.connections[0])).toHaveLength(1);
    expect(answeredOn.length + log.begun).toBe(2);
  });

  const resets: readonly (readonly [string, RawScript])[] = [
    [
      "rst_after_header",
      {
        onHeaders(stream) {
          new UnaryAnswer(stream, protocol).sendHeaders();
          stream.sendReset(constants.NGHTTP2_NO_ERROR);
        },
      },
    ],
    ["rst_during_data", { onRequestEnd: (stream) => resetAfter(stream, 0.5) }],
    ["rst_after_data", { onRequestEnd: (stream) => resetAfter(stream, 1) }],
  ];

  async function resetAfter(stream: RawStream, share: number): Promise<void> {
    const answer = new UnaryAnswer(stream, protocol);
    answer.sendHeaders();
    await answer.sendMessage(share);
    stream.sendReset(constants.NGHTTP2_NO_ERROR);
  }

  it.each(resets)("%s: the calls fail, the connection stays, and a healthy server takes over", async (_name, script) => {
    const { bad, log, client } = await setUp(script);
    for (let failures = 1; failures <= 5; failures++) {
      expect(await failureOf(largeUnary(client))).toMatchObject({ code: Code.Internal });
    }
    expect([bad.streams().length, log.begun]).toEqual([5, 0]);
    if (place === "alone") {
      expect(await failureOf(largeUnary(client))).toMatchObject({ code: Code.Internal });
      expect(bad.streams()).toHaveLength(6);
    } else {
      await largeUnary(client);
      expect(log.begun).toBe(1);
    }
    expect(bad.connections.map(({ closed }) => closed)).toEqual([false]);
  });

  it("a reset with NO_ERROR in place of an answer, while the request is being sent: the call fails, and is not made again", async () => {
    const { bad, log, client } = await setUp({ onHeaders: (stream) => stream.sendReset(constants.NGHTTP2_NO_ERROR) });
    expect(await failureOf(largeUnary(client))).toMatchObject({ code: Code.Internal });
    expect([bad.streams().length, log.begun]).toEqual([1, 0]);
  });

  it("a reset with NO_ERROR after a complete answer, while the request is being sent: the answer stands", async () => {
    const { bad, client } = await setUp({
      async onHeaders(stream) {
        const answer = new UnaryAnswer(stream, protocol, 100);
        answer.sendHeaders();
        await answer.sendMessage();
        answer.sendEnd();
        stream.sendReset(constants.NGHTTP2_NO_ERROR);
      },
    });
    const { payload } = await client.unaryCall({ payload: zeros(271_828) });
    expect(payload?.body.length).toBe(100);
    expect(bad.streams().map(({ requestEnded }) => requestEnded)).toEqual([false]);
  });

  it("ping: every one is acknowledged", async () => {
    let sent = 0;
    const { bad, client } = await setUp({
      async onRequestEnd(stream) {
        const answer = new UnaryAnswer(stream, protocol);
        const ping = () => stream.connection.sendPing(Buffer.alloc(8, ++sent));
        ping();
        answer.sendHeaders();
        ping();
        ping();
        await answer.sendMessage();
        ping();
        answer.sendEnd();
      },
    });
    for (let call = 1; call <= 3; call++) await largeUnary(client);
    await bad.until(() => bad.connections[0]?.pingsAcked === 12);
    expect([bad.connections.length, sent]).toEqual([1, 12]);
  });

  it("max_streams: ten concurrent calls succeed; whom it has no room for yet may go elsewhere", async () => {
    let open = 0;
    let mostOpen = 0;
    const { bad, log, client } = await setUp({
      onConnection: (connection) => connection.sendSettings({ maxConcurrentStreams: 1 }),
      onHeaders() {
        mostOpen = Math.max(mostOpen, ++open);
      },
      async onRequestEnd(stream) {
        const answer = new UnaryAnswer(stream, protocol);
        answer.sendHeaders();
        await answer.sendMessage();
        open--;
        answer.sendEnd();
      },
    });
    await largeUnary(client);
    await Promise.all(Array.from({ length: 10 }, () => largeUnary(client)));
    expect(mostOpen).toBe(1);
    expect([bad.connections.length, bad.streams().length + log.begun]).toEqual([1, 11]);
  });
});
