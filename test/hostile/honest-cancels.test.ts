import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { expect, it, onTestFinished } from "vitest";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { readyClient } from "../support/balanced-client.ts";
import { failureOf } from "../support/failure-of.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { use } from "../support/use.ts";
import { startVictimServer } from "./victim-server.ts";

type EchoClient = Client<typeof EchoService>;

/** Calls that are cancelled once all of them have gone out. */
async function cancelCalls(client: EchoClient, calls: number): Promise<void> {
  const abort = new AbortController();
  const failures = Array.from({ length: calls }, () =>
    failureOf(client.update({ behavior: { delayMs: 1_000 } }, { signal: abort.signal })),
  );
  setImmediate(() => abort.abort());
  await Promise.all(failures);
}

const clients = {
  ours: async (port: number) => (await readyClient(`static:///127.0.0.1:${port}`)).client,
  "connect-node's": async (port: number) => {
    const baseUrl = `http://127.0.0.1:${port}`;
    const sessionManager = new Http2SessionManager(baseUrl);
    onTestFinished(() => sessionManager.abort());
    const client = createClient(EchoService, createConnectTransport({ httpVersion: "2", baseUrl, sessionManager }));
    await client.update({});
    return client;
  },
};

it.each(Object.entries(clients))("1,800 cancelled calls within some seconds cost no other call: %s", async (_kind, connect) => {
  const server = await startVictimServer();
  const client = await connect(server.port);
  // At least 20 ms a round: no machine cancels more than 900 a second.
  for (let round = 0; round < 100; round++) {
    const others = Array.from({ length: 2 }, () => client.update({ behavior: { delayMs: 20 } }));
    await cancelCalls(client, 18);
    await Promise.all(others);
  }
  expect(server.complaints).toEqual([]);
});

/** 400 calls, cancelled by 20, and 40 others among them, all read at once. */
async function callWhileLagging(client: EchoClient, proxy: TcpProxy): Promise<PromiseSettledResult<unknown>[]> {
  const others: Promise<unknown>[] = [];
  proxy.stall();
  for (let round = 0; round < 20; round++) {
    others.push(client.update({}), client.update({}));
    await cancelCalls(client, 20);
  }
  proxy.resume();
  return Promise.allSettled(others);
}

it("a server that lags a second behind our cancels takes every other call", async () => {
  const server = await startVictimServer();
  const proxy = use(await startTcpProxy(server.port));
  const others = await callWhileLagging(await clients.ours(proxy.port), proxy);
  expect(others.filter(({ status }) => status === "rejected")).toEqual([]);
});

it("a server that lags behind the cancels of a client that does not know of it turns calls away, and keeps the connection", async () => {
  const server = await startVictimServer();
  const proxy = use(await startTcpProxy(server.port));
  const client = await clients["connect-node's"](proxy.port);
  await callWhileLagging(client, proxy);
  await client.update({});
  expect([server.complaints, server.sessions.size]).toEqual([[], 1]);
});
