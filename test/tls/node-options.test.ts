import { Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, it } from "vitest";
import { type BalancedOptions, balanced } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { createSecretDir } from "../support/secret-dir.ts";
import { type TestPki, testPki } from "../support/test-pki.ts";
import { use } from "../support/use.ts";

type NodeOptions = NonNullable<Parameters<typeof createGrpcTransport>[0]["nodeOptions"]>;

const uris = ["spiffe://prod.example/checkout"];

/** A server that asks for certificates, and a gRPC client of it with options as written for connect-node. */
async function setUp(optionsOf: (pki: TestPki) => Promise<NodeOptions>, more: BalancedOptions = {}) {
  const pki = await testPki();
  const server = use(
    await startEchoServer({ tls: { ...(await pki.issueFor({ dns: ["checkout.shop"], uris })), ca: pki.ca, requestCert: true } }),
  );
  const theirs = { baseUrl: "https://checkout.shop:8443", nodeOptions: await optionsOf(pki) };
  const transport = use(balanced(createGrpcTransport, theirs, { target: staticTarget(server), ...more }));
  return { server, client: createClient(EchoService, transport) };
}

it("ca, cert and key are taken over", async () => {
  const { server, client } = await setUp(async (pki) => ({ ca: pki.ca, ...(await pki.issue("client")) }));
  expect(await client.update({ text: "hi" })).toMatchObject({ text: "hi" });
  expect(server.handshakes).toMatchObject([{ serverName: "checkout.shop", clientSerial: expect.any(String) }]);
});

it("rejectUnauthorized: false is taken over", async () => {
  const { client } = await setUp(async (pki) => ({ rejectUnauthorized: false, ...(await pki.issue("client")) }));
  expect(await client.update({ text: "hi" })).toMatchObject({ text: "hi" });
});

it("servername is asked for and checked in place of the URL's", async () => {
  const { server, client } = await setUp(async (pki) => ({ ca: pki.ca, servername: "cart.shop", ...(await pki.issue("client")) }));
  expect((await failureOf(client.update({}))).rawMessage).toMatch(/cart\.shop.*checkout\.shop/);
  expect(server.calls).toEqual([]);
});

it("checkServerIdentity is asked, and what it throws is a failed connection", async () => {
  const checkServerIdentity = (name: string): undefined => {
    throw new Error(`${name} is not on my list`);
  };
  const { client } = await setUp(async (pki) => ({ ca: pki.ca, checkServerIdentity, ...(await pki.issue("client")) }));
  const error = await failureOf(client.update({}));
  expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining("checkout.shop is not on my list") });
});

it("files and a SPIFFE ID come beside them", async () => {
  const pki = await testPki();
  const dir = use(await createSecretDir(pki.ca, await pki.issue("client")));
  const options = { tls: { files: dir.files, spiffe: { trustDomain: "prod.example" } } };
  const { client } = await setUp(async () => ({ minVersion: "TLSv1.3" }), options);
  expect(await client.update({ text: "hi" })).toMatchObject({ text: "hi" });
});

it("and are refused where the URL says that there is no TLS", () => {
  const options = { tls: { spiffe: { trustDomain: "prod.example" } } };
  expect(() => balanced(createGrpcTransport, { baseUrl: "http://checkout.shop:8080" }, options)).toThrow(
    'tls: it is for https URLs; write "https://checkout.shop:8080" as baseUrl, or leave it out',
  );
});
