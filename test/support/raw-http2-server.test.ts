import { once } from "node:events";
import { connect, constants } from "node:http2";
import { expect, it } from "vitest";
import { type RawHttp2Server, startRawHttp2Server } from "./raw-http2-server.ts";
import { use } from "./use.ts";

function dial(server: RawHttp2Server) {
  const session = connect(`http://${server.address}`);
  session.on("error", () => {});
  use({ [Symbol.asyncDispose]: async () => session.destroy() });
  return session;
}

it("answers a request frame by frame", async () => {
  const server = use(
    await startRawHttp2Server({
      onRequestEnd(stream) {
        stream.sendHeaders({ ":status": "200", "x-long": "v".repeat(300), "set-cookie": ["a", "b"] });
        stream.sendData(Buffer.from("hello "));
        stream.sendData(Buffer.from("you"), "end");
      },
    }),
  );
  const stream = dial(server).request({ ":path": "/", ":method": "POST" });
  stream.end("body");
  const [headers] = await once(stream, "response");
  expect(headers).toMatchObject({ ":status": 200, "x-long": "v".repeat(300), "set-cookie": ["a", "b"] });
  expect(await stream.setEncoding("utf8").toArray()).toEqual(["hello ", "you"]);
  expect(server.streams()[0]?.body.toString()).toBe("body");
});

it("takes large request bodies and many header bytes", async () => {
  const server = use(await startRawHttp2Server({ onRequestEnd: (stream) => stream.sendHeaders({ ":status": "204" }, "end") }));
  const stream = dial(server).request({ ":path": "/", ":method": "POST", "x-big": "~".repeat(40_000) });
  stream.end(Buffer.alloc(1_000_000));
  await once(stream, "response");
  expect(server.streams()[0]?.body.length).toBe(1_000_000);
});

it("sends more than the client's windows hold, as they open", async () => {
  const server = use(
    await startRawHttp2Server({
      async onRequestEnd(stream) {
        stream.sendHeaders({ ":status": "200" });
        await stream.sendPaced(Buffer.alloc(1_000_000, "x"), "end");
      },
    }),
  );
  const session = dial(server);
  session.settings({ initialWindowSize: 1_000 });
  const stream = session.request({ ":path": "/" });
  expect(Buffer.concat(await stream.toArray()).equals(Buffer.alloc(1_000_000, "x"))).toBe(true);
  expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
});

it("sends settings, and resets with the given code", async () => {
  const server = use(
    await startRawHttp2Server({
      settings: { maxConcurrentStreams: 7, initialWindowSize: 1_000_000 },
      onHeaders: (stream) => stream.sendReset(constants.NGHTTP2_REFUSED_STREAM),
    }),
  );
  const session = dial(server);
  const [settings] = await once(session, "remoteSettings");
  expect(settings).toMatchObject({ maxConcurrentStreams: 7, initialWindowSize: 1_000_000 });
  await server.until(() => server.connections[0]?.settingsAcked === 1);
  const stream = session.request();
  await expect(once(stream, "response")).rejects.toThrow("NGHTTP2_REFUSED_STREAM");
  expect(stream.rstCode).toBe(constants.NGHTTP2_REFUSED_STREAM);
});

it("sends GOAWAY with its debug data, and PINGs whose acknowledgements it counts", async () => {
  const server = use(await startRawHttp2Server());
  const session = dial(server);
  await once(session, "remoteSettings");
  server.connections[0]?.sendPing();
  await server.until(() => server.connections[0]?.pingsAcked === 1);
  server.connections[0]?.sendGoaway(0, constants.NGHTTP2_ENHANCE_YOUR_CALM, "too_many_pings");
  const [code, lastStreamId, debugData] = await once(session, "goaway");
  expect([code, lastStreamId, Buffer.from(debugData).toString()]).toEqual([constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, "too_many_pings"]);
});

it("answers PINGs, unless told not to", async () => {
  const answering = use(await startRawHttp2Server());
  const session = dial(answering);
  await once(session, "connect");
  await new Promise<void>((resolve) => session.ping(() => resolve()));

  const mute = use(await startRawHttp2Server({ answerPings: false }));
  const other = dial(mute);
  await once(other, "connect");
  let answered = false;
  other.ping(() => {
    answered = true;
  });
  await mute.until(() => mute.connections[0]?.pingsReceived === 1);
  await new Promise<void>((resolve) => other.settings({}, () => resolve()));
  expect(answered).toBe(false);
});

it("promises pushes, and sends what is no HTTP/2", async () => {
  const server = use(
    await startRawHttp2Server({
      onHeaders: (stream) => stream.sendPushPromise(2, { ":method": "GET", ":path": "/", ":scheme": "http", ":authority": "a" }),
    }),
  );
  const session = dial(server);
  session.request().on("error", () => {});
  const [pushed] = await once(session, "stream");
  pushed.on("error", () => {});
  expect(pushed.id).toBe(2);
  server.connections[0]?.sendBytes(Buffer.from("HTTP/1.1 200 OK\r\n\r\n"));
  await expect(once(session, "close")).rejects.toThrow("Protocol error");
});

it("can stay silent", async () => {
  const server = use(await startRawHttp2Server({ settings: "silent" }));
  const session = dial(server);
  let settings = false;
  session.on("remoteSettings", () => {
    settings = true;
  });
  await once(session, "connect");
  await server.until(() => server.connections.length === 1);
  server.connections[0]?.reset();
  await once(session, "close");
  expect(settings).toBe(false);
});
