import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net, { type Server } from "node:net";
import { text } from "node:stream/consumers";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { describe, expect, onTestFinished, test } from "vitest";
import { boundedHttp2Options, createHealthReporter, type HealthReporter, type NodeHandler, protect } from "../../src/server-hooks/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { failureOf } from "../support/failure-of.ts";
import { listenOnLoopback } from "../support/listen.ts";
import { type Credentials, testPki } from "../support/test-pki.ts";
import { Changes, eventually } from "../support/until.ts";

interface Kind {
  readonly name: string;
  readonly httpVersion: "1.1" | "2";
  readonly scheme: "http" | "https";
  readonly create: (handler: NodeHandler, credentials: Credentials) => Server;
}

const kinds: readonly Kind[] = [
  { name: "HTTP/2", httpVersion: "2", scheme: "http", create: (handler) => protect(http2.createServer(boundedHttp2Options(), handler)) },
  {
    name: "HTTP/2 with TLS",
    httpVersion: "2",
    scheme: "https",
    create: (handler, credentials) => protect(http2.createSecureServer(boundedHttp2Options({ ...credentials }), handler)),
  },
  { name: "HTTP/1.1", httpVersion: "1.1", scheme: "http", create: (handler) => http.createServer(handler) },
  {
    name: "HTTP/1.1 with TLS",
    httpVersion: "1.1",
    scheme: "https",
    create: (handler, credentials) => https.createServer({ ...credentials }, handler),
  },
  {
    name: "HTTP/1.1 on a server of HTTP/2",
    httpVersion: "1.1",
    scheme: "https",
    create: (handler, credentials) => http2.createSecureServer({ ...credentials, allowHTTP1: true }, handler),
  },
];

/** A server in virtual time, whose calls wait until they are let go, and a client that keeps its connection. */
async function setUp({ create, httpVersion, scheme }: Kind) {
  const clock = manualClock();
  const changes = new Changes();
  const held: (() => void)[] = [];
  const health = createHealthReporter();
  const update = async (request: { text: string }) => {
    if (request.text === "held") {
      await new Promise<void>((resolve) => {
        held.push(resolve);
        changes.announce();
      });
    }
    return { text: request.text };
  };
  const pki = await testPki();
  const server = create(
    health.handler({ routes: (router) => router.service(EchoService, { update }) }),
    await pki.issueFor({ ips: ["127.0.0.1"] }),
  );
  // Connections of HTTP/1.1 are kept for ever, unless the server closes them.
  Object.assign(server, { keepAliveTimeout: 0 });
  const drain = health.drainOnSignal(server, { clock, signals: [] });
  const port = await listenOnLoopback(server);
  const agent = scheme === "https" ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const baseUrl = `${scheme}://127.0.0.1:${port}`;
  const transport =
    httpVersion === "2"
      ? createConnectTransport({ baseUrl, httpVersion, nodeOptions: { ca: pki.ca } })
      : createConnectTransport({ baseUrl, httpVersion, nodeOptions: { agent, ca: pki.ca } });
  const client = createClient(EchoService, transport);
  const heldBy = async <T>(makeCall: () => T) => {
    const call = makeCall();
    await changes.until(() => held.length > 0);
    return { call, letGo: () => held.forEach((go) => go()) };
  };
  return { clock, server, port, drain, client, heldBy, hold: () => heldBy(() => client.update({ text: "held" })) };
}

async function isListening(port: number): Promise<boolean> {
  const socket = net.connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe.each(kinds)("a server of $name", (kind) => {
  test("serves during the delay, then takes nothing new, lets what is under way end, and is done though its client stays", async () => {
    const { clock, server, port, drain, client, hold } = await setUp(kind);
    await client.update({ text: "before" });
    const { call, letGo } = await hold();
    drain.start();
    clock.advance(4_999);
    expect(await client.update({ text: "during" })).toMatchObject({ text: "during" });
    clock.advance(1);
    expect([server.listening, await isListening(port)]).toEqual([false, false]);
    clock.advance(100);
    letGo();
    expect(await call).toMatchObject({ text: "held" });
    await drain.done;
    expect(clock.pending).toBe(0);
  });

  test("cuts off what is under way when the grace period is over", async () => {
    const { clock, drain, hold } = await setUp(kind);
    const { call } = await hold();
    const failure = failureOf(call);
    drain.start();
    clock.advance(25_000);
    await Promise.all([failure, drain.done]);
    expect(clock.pending).toBe(0);
  });

  test("is done though a client has connected and says nothing, once the grace period is over", async () => {
    const { clock, server, port, drain } = await setUp(kind);
    const accepted = once(server, "connection");
    const socket = net.connect(port, "127.0.0.1");
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    await accepted;
    drain.start();
    clock.advance(25_000);
    await drain.done;
  });
});

test("HTTP/1.1: answers to requests that come while it drains close their connections, those before do not", async () => {
  const health: HealthReporter = createHealthReporter();
  const server = http.createServer(health.handler({ routes: (router) => router.service(EchoService, {}) }));
  const clock = manualClock();
  const drain = health.drainOnSignal(server, { clock, signals: [] });
  const url = `http://127.0.0.1:${await listenOnLoopback(server)}/`;
  const connectionHeader = async () => {
    const response = await fetch(url);
    await response.text();
    return response.headers.get("connection");
  };
  expect(await connectionHeader()).toBe("keep-alive");
  drain.start();
  expect(await connectionHeader()).toBe("close");
  clock.advance(5_000);
  await drain.done;
});

const turnOfEventLoop = () => new Promise((resolve) => setImmediate(resolve));

const updateHeaders = { ":path": `/${EchoService.typeName}/Update`, ":method": "POST", "content-type": "application/json" };

test("HTTP/2: a call that waits in the socket when the server leaves is taken", async () => {
  const { clock, port, drain } = await setUp(kinds[0] as Kind);
  const session = http2.connect(`http://127.0.0.1:${port}`);
  await once(session, "localSettings"); // the last that there is to read
  await turnOfEventLoop();
  drain.start();
  const request = session.request(updateHeaders).end('{"text":"waiting"}');
  // It is sent first thing in the next turn, and read in the one after.
  await turnOfEventLoop();
  clock.advance(5_000);
  expect(await text(request)).toContain("waiting");
  clock.advance(100);
  await drain.done;
});

test("HTTP/2: GOAWAY comes twice, with any stream and then with the last that was taken", async () => {
  const { clock, port, drain, heldBy } = await setUp(kinds[0] as Kind);
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const lastStreams: number[] = [];
  session.on("goaway", (_code, lastStreamId) => lastStreams.push(lastStreamId));
  const request = session.request(updateHeaders);
  const { letGo } = await heldBy(() => request.end('{"text":"held"}'));
  drain.start();
  clock.advance(5_000);
  await once(session, "goaway");
  clock.advance(100);
  await eventually(() => lastStreams.length === 2);
  expect(lastStreams).toEqual([2 ** 31 - 1, request.id]);
  letGo();
  expect(await text(request)).toContain("held");
  await drain.done;
});

test("endless streams hear that the server leaves, and end by that", async () => {
  const health = createHealthReporter();
  async function* count() {
    yield { number: 1 };
    await once(health.leaving, "abort");
    yield { number: 2 };
  }
  const server = http2.createServer(health.handler({ routes: (router) => router.service(EchoService, { count }) }));
  const clock = manualClock();
  const drain = health.drainOnSignal(server, { clock, signals: [] });
  const baseUrl = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  const numbers = createClient(EchoService, createConnectTransport({ baseUrl, httpVersion: "2" }))
    .count({})
    [Symbol.asyncIterator]();
  expect((await numbers.next()).value?.number).toBe(1);
  drain.start();
  clock.advance(5_100);
  expect((await numbers.next()).value?.number).toBe(2);
  expect((await numbers.next()).done).toBe(true);
  await drain.done;
});

test.each(kinds.slice(0, 3))("$name: a server that listens only after it has left is closed at once", async ({ create }) => {
  const clock = manualClock();
  const health = createHealthReporter();
  const server = create(health.handler({ routes: () => {} }), await (await testPki()).issueFor({ ips: ["127.0.0.1"] }));
  const { done, start } = health.drainOnSignal(server, { clock, signals: [] });
  onTestFinished(() => void server.close());
  start();
  clock.advance(5_000);
  await done;
  const closed = once(server, "close");
  expect(await listenOnLoopback(server)).toBeGreaterThan(0);
  await closed;
  expect(server.listening).toBe(false);
});
