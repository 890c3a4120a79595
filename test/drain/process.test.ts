import http from "node:http";
import http2 from "node:http2";
import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { describe, expect, onTestFinished, test } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { failureOf } from "../support/failure-of.ts";
import { type ChildServer, startChildServer } from "./child-server.ts";
import { connectNode, grpcJs, meshless } from "./clients.ts";

/** Longer than any test may take: it ends by itself, or not in time. */
const neverMs = 600_000;

const byItself = { code: 0, signal: null, errors: "" };

function clientOf({ address }: ChildServer) {
  const transport = createGrpcTransport({ baseUrl: `http://${address}` });
  return { echo: createClient(EchoService, transport), health: createClient(Health, transport) };
}

async function sessionOf({ address }: ChildServer): Promise<http2.ClientHttp2Session> {
  const session = http2.connect(`http://${address}`);
  onTestFinished(() => session.destroy());
  await new Promise((resolve) => session.once("connect", resolve));
  return session;
}

test("a server that nobody calls ends by itself", async () => {
  const server = await startChildServer({ name: "idle", drainDelayMs: 50, gracePeriodMs: neverMs });
  server.signal("SIGTERM");
  expect(await server.exit).toMatchObject(byItself);
});

describe("a server ends by itself while a client stays connected", () => {
  test.each([
    ["of meshless", meshless],
    ["of grpc-js", grpcJs],
    ["of connect-node", connectNode],
  ])("%s", async (_, makeClient) => {
    const server = await startChildServer({ name: "called", drainDelayMs: 50, gracePeriodMs: neverMs });
    await makeClient(server.address).update({});
    server.signal("SIGTERM");
    expect(await server.exit).toMatchObject({ ...byItself, handled: 1 });
  });

  test("of node:http2", async () => {
    const server = await startChildServer({ name: "called", drainDelayMs: 50, gracePeriodMs: neverMs });
    await sessionOf(server);
    server.signal("SIGTERM");
    expect(await server.exit).toMatchObject(byItself);
  });

  test("over HTTP/1.1, with a connection that is kept alive", async () => {
    const server = await startChildServer({ name: "called", httpVersion: "1.1", drainDelayMs: 50, gracePeriodMs: neverMs });
    const agent = new http.Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const transport = createConnectTransport({ baseUrl: `http://${server.address}`, httpVersion: "1.1", nodeOptions: { agent } });
    await createClient(EchoService, transport).update({});
    server.signal("SIGTERM");
    expect(await server.exit).toMatchObject({ ...byItself, handled: 1 });
  });
});

test("during the delay health says that it does not serve, and it serves, on new connections as well", async () => {
  const server = await startChildServer({ name: "draining", drainDelayMs: 1_000, gracePeriodMs: neverMs });
  const { echo, health } = clientOf(server);
  const statuses = health.watch({})[Symbol.asyncIterator]();
  expect((await statuses.next()).value?.status).toBe(Status.SERVING);
  server.signal("SIGTERM");
  expect((await statuses.next()).value?.status).toBe(Status.NOT_SERVING);
  expect((await health.check({ service: EchoService.typeName })).status).toBe(Status.NOT_SERVING);
  await echo.update({});
  await clientOf(server).echo.update({});
  expect(await statuses.next()).toMatchObject({ done: true });
  expect(await server.exit).toMatchObject({ ...byItself, handled: 2 });
});

test("a stream that is open when the server leaves goes on to its own end, and then the server ends", async () => {
  const server = await startChildServer({ name: "streaming", drainDelayMs: 50, gracePeriodMs: neverMs });
  const session = await sessionOf(server);
  const left = new Promise((resolve) => session.once("goaway", resolve));
  async function* texts() {
    yield { text: "before" };
    await left;
    yield { text: "after" };
  }
  const answers = clientOf(server).echo.chat(texts())[Symbol.asyncIterator]();
  expect((await answers.next()).value?.text).toBe("before");
  server.signal("SIGTERM");
  expect((await answers.next()).value?.text).toBe("after");
  expect((await answers.next()).done).toBe(true);
  expect(await server.exit).toMatchObject(byItself);
});

test("a call that never ends is cut off when the grace period is over, and then the server ends", async () => {
  const server = await startChildServer({ name: "stuck", drainDelayMs: 50, gracePeriodMs: 500 });
  const stuck = failureOf(clientOf(server).echo.update({}, { headers: { "x-stuck": "1" } }));
  await clientOf(server).echo.update({});
  server.signal("SIGTERM");
  expect(Code[(await stuck).code]).toMatch(/Canceled|Aborted|Unavailable/);
  expect(await server.exit).toMatchObject(byItself);
});

test("at the second signal the server ends at once, with its calls", async () => {
  const server = await startChildServer({ name: "stuck", drainDelayMs: neverMs, gracePeriodMs: neverMs });
  const { echo, health } = clientOf(server);
  const stuck = failureOf(echo.update({}, { headers: { "x-stuck": "1" } }));
  const statuses = health.watch({})[Symbol.asyncIterator]();
  await statuses.next();
  server.signal("SIGTERM");
  await statuses.next();
  server.signal("SIGTERM");
  expect(await server.exit).toMatchObject({ code: 143, signal: null });
  await stuck;
});
