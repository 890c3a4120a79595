import http2 from "node:http2";
import { Code, type ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { boundedHttp2Options, createHealthReporter, protect } from "../../src/server-hooks/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { listenOnLoopback } from "../support/listen.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { use } from "../support/use.ts";
import { connectNode, grpcJs, type MakeClient, meshless } from "./clients.ts";

/** A server that leaves, whose GOAWAY its clients read 50 ms late: what they call meanwhile crosses it. */
async function startLeavingServer() {
  const handled: string[] = [];
  const health = createHealthReporter();
  const update = ({ text }: { text: string }) => {
    handled.push(text);
    return { text };
  };
  const server = protect(
    http2.createServer(boundedHttp2Options(), health.handler({ routes: (router) => router.service(EchoService, { update }) })),
  );
  const drain = health.drainOnSignal(server, { drainDelayMs: 0, signals: [] });
  const proxy = await startTcpProxy(await listenOnLoopback(server));
  onTestFinished(async () => {
    await proxy.close();
    await drain.start();
  });
  proxy.latency(50);
  return { handled, drain, address: proxy.address };
}

/** Calls without a pause, with a text of its own each, until the server is gone; and what came of them. */
async function callThroughout(makeClient: MakeClient, addresses: readonly string[], drain: { start(): Promise<void> }) {
  const client = makeClient(...addresses);
  await client.update({ text: "first" });
  const failures: [text: string, error: ConnectError][] = [];
  let calls = 0;
  let isOver = false;
  // So many that some cross the GOAWAY for sure: each takes at least the 50 ms.
  const loop = async (_: unknown, worker: number) => {
    while (!isOver && failures.length < 1_000) {
      const text = `${worker}/${calls++}`;
      await client.update({ text }).catch((error) => failures.push([text, error]));
    }
  };
  const loops = Array.from({ length: 50 }, loop);
  await client.update({ text: "second" });
  await drain.start();
  isOver = true;
  await Promise.all(loops);
  return failures;
}

test.each([
  ["meshless", meshless],
  ["grpc-js", grpcJs],
])("%s makes calls that cross the GOAWAY elsewhere, and none of them is handled twice", async (_, makeClient) => {
  const leaving = await startLeavingServer();
  const staying = use(await startEchoServer());
  expect(await callThroughout(makeClient, [leaving.address, staying.address], leaving.drain)).toEqual([]);
  expect(new Set(leaving.handled).size).toBe(leaving.handled.length);
});

test("connect-node fails calls that cross the GOAWAY as internal, and the server has handled none of them", async () => {
  const leaving = await startLeavingServer();
  const failures = await callThroughout(connectNode, [leaving.address], leaving.drain);
  const crossing = failures.filter(([, { code }]) => code === Code.Internal);
  expect(crossing.length).toBeGreaterThan(0);
  for (const [text, { rawMessage }] of crossing) {
    expect(rawMessage).toMatch(/REFUSED_STREAM/);
    expect(leaving.handled).not.toContain(text);
  }
});
