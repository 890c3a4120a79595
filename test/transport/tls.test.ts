import { createServer as createHttpsServer } from "node:https";
import type { Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { balancedClient, readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { testPki } from "../support/test-pki.ts";
import { use } from "../support/use.ts";

describe("over TLS", () => {
  it("dials an IP, but the logical name is what is verified, asked for by SNI and sent as authority", async () => {
    const pki = await testPki();
    const server = use(await startEchoServer({ tls: await pki.issue("checkout.shop") }));
    const { client } = await readyClient(staticTarget(server), { tls: { ca: pki.ca }, authority: "checkout.shop" });
    await client.update({});
    expect(server.serverNames).toEqual(["checkout.shop"]);
    expect(server.calls[0]?.headers).toMatchObject({ ":authority": "checkout.shop", ":scheme": "https" });
  });

  it("leaves the port of an authority out of SNI and of the check", async () => {
    const pki = await testPki();
    const server = use(await startEchoServer({ tls: await pki.issue("checkout.shop") }));
    const { client } = await readyClient(staticTarget(server), { tls: { ca: pki.ca }, authority: "checkout.shop:8443" });
    await client.update({});
    expect(server.serverNames).toEqual(["checkout.shop"]);
    expect(server.calls[0]?.headers[":authority"]).toBe("checkout.shop:8443");
  });

  it("rejects a certificate for another name, and says which names it has", async () => {
    const pki = await testPki();
    const server = use(await startEchoServer({ tls: await pki.issue("other.shop") }));
    const { client } = balancedClient(staticTarget(server), { tls: { ca: pki.ca }, authority: "checkout.shop" });
    const error = await failureOf(client.update({}));
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining("checkout.shop") });
    expect(error.rawMessage).toContain("other.shop");
    expect(server.calls).toHaveLength(0);
  });

  it("checks the dialled address where there is no logical name", async () => {
    const pki = await testPki();
    const server = use(await startEchoServer({ tls: await pki.issue("checkout.shop") }));
    const { client } = balancedClient(staticTarget(server), { tls: { ca: pki.ca } });
    const error = await failureOf(client.update({}));
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining("127.0.0.1") });
  });

  it("rejects a certificate of an authority that it does not trust", async () => {
    const pki = await testPki();
    const server = use(await startEchoServer({ tls: await pki.issue("checkout.shop") }));
    const { client } = balancedClient(staticTarget(server), { tls: true, authority: "checkout.shop" });
    const error = await failureOf(client.update({}));
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringMatching(/certificate|issuer/i) });
  });

  it("shows its own certificate to a server that asks for one", async () => {
    const pki = await testPki();
    const mutual = { ...(await pki.issue("checkout.shop")), ca: pki.ca, requestCert: true };
    const server = use(await startEchoServer({ tls: mutual }));
    const known = await readyClient(staticTarget(server), {
      tls: { ca: pki.ca, ...(await pki.issue("client")) },
      authority: "checkout.shop",
    });
    expect(await known.client.update({ text: "hi" })).toMatchObject({ text: "hi" });
    const stranger = balancedClient(staticTarget(server), {
      tls: { ca: pki.ca },
      authority: "checkout.shop",
      session: { connectTimeoutMs: 1_000 },
    });
    const error = await failureOf(stranger.client.update({}));
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringMatching(/certificate required|alert/i) });
    expect(server.calls).toHaveLength(1);
  });
});

describe("a server that does not speak HTTP/2 over TLS gets a clear error", () => {
  async function errorFrom(server: Server): Promise<string> {
    const port = await listenOnLoopback(server);
    use({ [Symbol.asyncDispose]: () => closeServer(server) });
    const pki = await testPki();
    const { client } = balancedClient(`static:///127.0.0.1:${port}`, {
      tls: { ca: pki.ca },
      authority: "checkout.shop",
      session: { connectTimeoutMs: 1_000 },
    });
    const error = await failureOf(client.update({}));
    expect(error.code).toBe(Code.Unavailable);
    return error.rawMessage;
  }

  it("HTTP/1.1 by ALPN", async () => {
    const credentials = await (await testPki()).issue("checkout.shop");
    const server = createTlsServer({ ...credentials, ALPNProtocols: ["http/1.1"] }, (socket) => socket.on("error", () => {}).resume());
    expect(await errorFrom(server)).toMatch(/ALPN|application protocol/i);
  });

  it("HTTP/1.1, knowing nothing of ALPN", async () => {
    const credentials = await (await testPki()).issue("checkout.shop");
    const server = createTlsServer(credentials, (socket) => socket.on("error", () => {}).resume());
    expect(await errorFrom(server)).toMatch(/ALPN/);
  });

  it("an HTTPS server of Node.js", async () => {
    expect(await errorFrom(createHttpsServer(await (await testPki()).issue("checkout.shop")))).toMatch(/ALPN|application protocol/i);
  });

  it("h2c", async () => {
    const server = await startEchoServer();
    const pki = await testPki();
    const { client } = balancedClient(staticTarget(server), { tls: { ca: pki.ca }, authority: "checkout.shop" });
    const error = await failureOf(client.update({}));
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringMatching(/TLS|SSL|version/i) });
    await server.kill();
  });
});

it("h2c to a TLS server fails as unavailable", async () => {
  const server = await startEchoServer({ tls: await (await testPki()).issue("checkout.shop") });
  const { client } = balancedClient(staticTarget(server), { session: { connectTimeoutMs: 500 } });
  expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable });
  await server.kill();
});

it("over h2c the authority is the logical name too, and the dialled address without one", async () => {
  const server = use(await startEchoServer());
  const named = await readyClient(staticTarget(server), { authority: "checkout.shop" });
  await named.client.update({});
  const unnamed = await readyClient(staticTarget(server));
  await unnamed.client.update({});
  expect(server.calls.map(({ headers }) => headers[":authority"])).toEqual(["checkout.shop", server.address]);
});
