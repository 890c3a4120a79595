import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { balanced } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { collect } from "../support/collect.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { testPki } from "../support/test-pki.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

describe.each([
  [createConnectTransport, "application/proto"],
  [createGrpcTransport, "application/grpc+proto"],
  [createGrpcWebTransport, "application/grpc-web+proto"],
] as const)("%o", (factory, contentType) => {
  it("keeps its protocol, its interceptors and its logical host, and is balanced", async () => {
    const fleet = use(await startEchoFleet(2));
    const seen: string[] = [];
    const options = {
      baseUrl: "http://checkout.shop:8080",
      httpVersion: "2" as const,
      interceptors: [
        (next) => (request) => {
          seen.push(request.url);
          return next(request);
        },
      ] satisfies Parameters<typeof createConnectTransport>[0]["interceptors"],
    };
    const transport = use(balanced(factory, options, { target: fleet.target }));
    const client = createClient(EchoService, transport);
    await eventually(() => transport.inspect().endpoints.filter(({ connectivity }) => connectivity === "ready").length === 2);
    for (let n = 0; n < 40; n++) await client.echo({});
    expect(await collect(client.count({ count: 2 }))).toHaveLength(2);
    expect(Math.min(...fleet.attempts())).toBeGreaterThan(0);
    expect(seen).toHaveLength(41);
    expect(seen[0]).toBe("http://checkout.shop:8080/meshless.testing.v1.EchoService/Echo");
    const [{ headers } = { headers: {} }] = fleet.servers[0]?.calls ?? [];
    expect(headers).toMatchObject({ ":authority": "checkout.shop:8080", "content-type": contentType });
  });
});

it("takes an IP address as the one endpoint, and JSON as the codec", async () => {
  const server = use(await startEchoServer());
  const transport = use(
    balanced(createConnectTransport, { baseUrl: `http://${server.address}`, httpVersion: "2", useBinaryFormat: false }),
  );
  await createClient(EchoService, transport).update({});
  expect(server.calls[0]?.headers).toMatchObject({ ":authority": server.address, "content-type": "application/json" });
});

it("turns TLS on for https, with the options for Node.js", async () => {
  const pki = await testPki();
  const server = use(await startEchoServer({ tls: await pki.issue("checkout.shop") }));
  const options = { baseUrl: "https://checkout.shop", nodeOptions: { ca: pki.ca } };
  const transport = use(balanced(createGrpcTransport, options, { target: `static:///${server.address}` }));
  await createClient(EchoService, transport).update({});
  expect(server.serverNames).toEqual(["checkout.shop"]);
  expect(server.calls[0]?.headers[":authority"]).toBe("checkout.shop");
});

it("refuses what leaves nothing to balance, and names the alternative", () => {
  const baseUrl = "http://checkout.shop:8080";
  expect(() => balanced(createConnectTransport, { baseUrl, httpVersion: "1.1" })).toThrow(/httpVersion: expected "2"/);
  const sessionManager = new Http2SessionManager(baseUrl);
  expect(() => balanced(createConnectTransport, { baseUrl, httpVersion: "2", sessionManager })).toThrow(/session option/);
});
