import { createServer as createHttp1Server } from "node:http";
import { createServer as createHttps1Server } from "node:https";
import type { Server } from "node:net";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { BalancedTransportOptions } from "../../src/index.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { testPki } from "../support/test-pki.ts";
import { use } from "../support/use.ts";

async function listen(server: Server): Promise<number> {
  const port = await listenOnLoopback(server);
  use({ [Symbol.asyncDispose]: () => closeServer(server) });
  return port;
}

async function failureAt(port: number, options: BalancedTransportOptions) {
  const { client, transport } = balancedClient(`static:///127.0.0.1:${port}`, options);
  const failure = await failureOf(client.update({}));
  const [endpoint] = transport.inspect().endpoints;
  expect(failure).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining(String(endpoint?.lastFailure)) });
  return endpoint?.lastFailure;
}

/** Servers that this client can't talk to, and how it says so. */
describe("an error names the next step for", () => {
  it("a certificate that lacks the dialled address", async () => {
    const pki = await testPki();
    const server = use(await startEchoServer({ tls: await pki.issueFor({ dns: ["checkout.shop", "pay.shop"] }) }));
    expect(await failureAt(server.port, { tls: { ca: pki.ca } })).toBe(
      "the server's certificate does not match 127.0.0.1, which was dialled, it is for checkout.shop, pay.shop: " +
        'name the service, as in authority: "checkout.shop"',
    );
  });

  it("a server of HTTP/1.1 without TLS", async () => {
    const port = await listen(createHttp1Server((_, response) => response.end()));
    expect(await failureAt(port, {})).toMatch(/^the server answered with something else than HTTP\/2.*HTTP\/1\.1.*http2\.createServer/);
  });

  it("a server of HTTP/1.1 with TLS", async () => {
    const pki = await testPki();
    const port = await listen(createHttps1Server(await pki.issue("checkout.shop"), (_, response) => response.end()));
    expect(await failureAt(port, { authority: "checkout.shop", tls: { ca: pki.ca } })).toMatch(
      /^the server did not agree to HTTP\/2.*HTTP\/1\.1.*http2\.createSecureServer/,
    );
  });

  it("a client without TLS at a server with", async () => {
    const pki = await testPki();
    const server = use(await startEchoServer({ tls: await pki.issue("checkout.shop") }));
    expect(await failureAt(server.port, {})).toMatch(/^the server closed the connection .*expect TLS.*option tls/);
  });

  it("a client with TLS at a server without", async () => {
    const { ca } = await testPki();
    const server = use(await startEchoServer());
    expect(await failureAt(server.port, { tls: { ca } })).toMatch(/^the server does not speak TLS.*leave out tls/);
  });
});
