import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { EchoService, ServerSchema } from "../gen/meshless/testing/v1/echo_pb.ts";
import { collect, sending } from "./collect.ts";
import { type EchoServer, startEchoServer } from "./echo-server.ts";
import { failureOf } from "./failure-of.ts";
import { testPki } from "./test-pki.ts";
import { use } from "./use.ts";

const factories = { connect: createConnectTransport, grpc: createGrpcTransport, "grpc-web": createGrpcWebTransport };

function stockClient(server: EchoServer, protocol: keyof typeof factories, tls?: { ca: string; servername: string }) {
  const baseUrl = `${tls ? "https" : "http"}://${server.address}`;
  const sessionManager = new Http2SessionManager(baseUrl, {}, tls);
  use({ [Symbol.asyncDispose]: async () => sessionManager.abort() });
  return createClient(EchoService, factories[protocol]({ baseUrl, httpVersion: "2", sessionManager }));
}

describe.each(["connect", "grpc", "grpc-web"] as const)("an echo server, asked by a stock %s client", (protocol) => {
  it("answers every kind of call", async () => {
    const server = use(await startEchoServer({ name: "a" }));
    const client = stockClient(server, protocol);
    expect(await client.echo({ text: "hi", behavior: { size: 3 } })).toMatchObject({
      text: "hi",
      server: { name: "a" },
      padding: new Uint8Array(3),
    });
    expect(await collect(client.count({ count: 3 }))).toMatchObject([{ number: 1 }, { number: 2 }, { number: 3 }]);
    expect(await client.collect(sending({ text: "x" }, { text: "y" }))).toMatchObject({ text: "x y", messages: 2 });
    expect(await collect(client.chat(sending({ text: "x" }, { text: "y" })))).toMatchObject([{ text: "x" }, { text: "y" }]);
    expect(server.calls.map(({ method }) => method)).toEqual(["Echo", "Count", "Collect", "Chat"]);
  });

  it("fails as it is told to, and says who failed", async () => {
    const server = use(await startEchoServer({ name: "a" }));
    const error = await failureOf(stockClient(server, protocol).update({ behavior: { failCode: Code.DataLoss } }));
    expect(error).toMatchObject({ code: Code.DataLoss, rawMessage: "failed as asked: DataLoss" });
    expect(error.findDetails(ServerSchema)).toMatchObject([{ name: "a" }]);
  });
});

it("speaks TLS with a certificate of the test authority, and records the name that it was asked for", async () => {
  const pki = await testPki();
  const server = use(await startEchoServer({ tls: await pki.issue("echo.test") }));
  await stockClient(server, "connect", { ca: pki.ca, servername: "echo.test" }).echo({});
  expect(server.serverNames).toEqual(["echo.test"]);
});

it("records how each call ended", async () => {
  const held = Promise.withResolvers<void>();
  const server = use(await startEchoServer({ onCall: () => held.promise }));
  const abort = new AbortController();
  const call = stockClient(server, "connect").echo({}, { signal: abort.signal });
  await server.until(() => server.calls.length === 1);
  expect(server.calls[0]?.closed).toBe(false);
  abort.abort();
  await expect(call).rejects.toMatchObject({ code: Code.Canceled });
  await server.until(() => server.calls[0]?.closed === true);
  expect(server.calls[0]?.resetCode).toBe(8);
  held.resolve();
});

it("dies at once when killed", async () => {
  const held = Promise.withResolvers<void>();
  const server = use(await startEchoServer({ onCall: () => held.promise }));
  const client = stockClient(server, "connect");
  const call = client.echo({});
  await server.until(() => server.calls.length === 1);
  await Promise.all([server.kill(), expect(call).rejects.toThrow("ECONNRESET")]);
  await expect(client.echo({})).rejects.toThrow("ECONNREFUSED");
  held.resolve();
});
