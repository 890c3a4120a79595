import { Code, decodeBinaryHeader, encodeBinaryHeader } from "@connectrpc/connect";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import type { BalancedTransportOptions } from "../../src/index.ts";
import { ServerSchema } from "../gen/meshless/testing/v1/echo_pb.ts";
import { balancedClient, inFlight } from "../support/balanced-client.ts";
import { collect, sending } from "../support/collect.ts";
import { type EchoFleet, startEchoFleet } from "../support/echo-fleet.ts";
import type { EchoServerOptions } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { testPki } from "../support/test-pki.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const protocols = ["connect", "grpc", "grpc-web"] as const;
const securities = ["h2c", "TLS"] as const;
const codecs = ["binary", "JSON"] as const;

/** Two servers, and a balanced client to them. */
async function setUp(options: BalancedTransportOptions, serverOptions: EchoServerOptions = {}) {
  const fleet = use(await startEchoFleet(2, serverOptions));
  return { fleet, ...balancedClient(fleet.target, options) };
}

async function setUpSecure(options: BalancedTransportOptions) {
  const pki = await testPki();
  return setUp({ ...options, tls: { ca: pki.ca }, authority: "echo.test" }, { tls: await pki.issue("echo.test") });
}

function lastHeaders({ servers }: EchoFleet) {
  return servers.flatMap(({ calls }) => calls).at(-1)?.headers ?? {};
}

describe.each(protocols)("%s", (protocol) => {
  describe.each(securities)("over %s", (security) => {
    it.each(codecs)("carries every kind of call in %s", async (codec) => {
      const options = { protocol, useBinaryFormat: codec === "binary" };
      const { client, fleet } = security === "TLS" ? await setUpSecure(options) : await setUp(options);
      const server = { name: expect.stringMatching(/^s[01]$/) };
      expect(await client.echo({ text: "é" })).toMatchObject({ text: "é", server });
      expect(await collect(client.count({ count: 3 }))).toMatchObject([{ number: 1 }, { number: 2 }, { number: 3 }]);
      expect(await client.collect(sending({ text: "a" }, { text: "b" }))).toMatchObject({ text: "a b", messages: 2, server });
      expect(await collect(client.chat(sending({ text: "a" }, { text: "b" })))).toMatchObject([{ text: "a" }, { text: "b" }]);
      expect(fleet.servers.flatMap(({ calls }) => calls.map(({ method }) => method)).sort()).toEqual(["Chat", "Collect", "Count", "Echo"]);
    });
  });

  it.each([
    ["gzip", compressionGzip],
    ["br", compressionBrotli],
  ] as const)("compresses with %s both ways", async (name, compression) => {
    const { client, fleet } = await setUp({
      protocol,
      sendCompression: compression,
      acceptCompression: [compression],
      compressMinBytes: 1,
    });
    const text = "again and ".repeat(1000);
    const response = await client.echo(
      { text, behavior: { size: 5000 } },
      { onHeader: (header) => expect([...header.values()]).toContain(name) },
    );
    expect([response.text, response.padding.length]).toEqual([text, 5000]);
    expect(Object.values(lastHeaders(fleet))).toContain(name);
    const [message] = await collect(client.count({ count: 1, behavior: { size: 5000 } }));
    expect(message?.padding.length).toBe(5000);
  });

  it("carries large messages both ways", async () => {
    const { client } = await setUp({ protocol });
    const text = "x".repeat(4_000_000);
    const response = await client.echo({ text, behavior: { size: 4_000_000 } });
    expect([response.text.length, response.padding.length]).toEqual([text.length, 4_000_000]);
    const streamed = await collect(
      client.chat(sending(...Array.from({ length: 20 }, () => ({ text: "y".repeat(200_000), behavior: { size: 200_000 } })))),
    );
    expect(streamed.map(({ text, padding }) => [text.length, padding.length])).toEqual(
      Array.from({ length: 20 }, () => [200_000, 200_000]),
    );
  });

  it("refuses messages above the limits", async () => {
    const { client, fleet, transport } = await setUp({ protocol, readMaxBytes: 1000, writeMaxBytes: 1000 });
    expect(await failureOf(client.update({ text: "x".repeat(2000) }))).toMatchObject({ code: Code.ResourceExhausted });
    expect(fleet.attempts()).toEqual([0, 0]);
    expect(await failureOf(client.update({ behavior: { size: 2000 } }))).toMatchObject({ code: Code.ResourceExhausted });
    expect(await client.update({ text: "small" })).toMatchObject({ text: "small" });
    await eventually(() => inFlight(transport) === 0);
  });

  it("carries headers and trailers both ways, text and binary", async () => {
    const { client } = await setUp({ protocol });
    const headers = { "x-text": "hello", "x-data-bin": encodeBinaryHeader(new Uint8Array([0, 255])) };
    let header = new Headers();
    let trailer = new Headers();
    const callOptions = {
      headers,
      onHeader: (received: Headers) => {
        header = received;
      },
      onTrailer: (received: Headers) => {
        trailer = received;
      },
    };
    const calls = [
      () => client.echo({}, callOptions),
      () => collect(client.count({ count: 1 }, callOptions)),
      () => client.collect(sending({}), callOptions),
    ];
    for (const call of calls) {
      header = trailer = new Headers();
      await call();
      for (const received of [header, trailer]) {
        expect(received.get("x-reply-text")).toBe("hello");
        expect(decodeBinaryHeader(received.get("x-reply-data-bin") ?? "")).toEqual(new Uint8Array([0, 255]));
      }
      expect([header.get("x-server"), trailer.get("x-served-by")]).toEqual([expect.stringMatching(/^s[01]$/), header.get("x-server")]);
    }
  });

  it("carries an error with its metadata and details", async () => {
    const { client, fleet } = await setUp({ protocol });
    const error = await failureOf(client.update({ behavior: { failCode: Code.FailedPrecondition } }));
    expect(error).toMatchObject({ code: Code.FailedPrecondition, rawMessage: "failed as asked: FailedPrecondition" });
    expect(error.metadata.get("x-failed-at")).toMatch(/^s[01]$/);
    expect(error.findDetails(ServerSchema)).toMatchObject([{ name: error.metadata.get("x-failed-at") }]);
    expect(fleet.attempts().sort()).toEqual([0, 1]);
  });

  it("carries an error that comes in the middle of a stream", async () => {
    const { client } = await setUp({ protocol });
    const numbers: number[] = [];
    const reading = (async () => {
      for await (const { number } of client.count({ count: 5, behavior: { failAfter: 2, failCode: Code.Aborted } })) numbers.push(number);
    })();
    const error = await failureOf(reading);
    expect(error).toMatchObject({ code: Code.Aborted });
    expect(error.findDetails(ServerSchema)).toHaveLength(1);
    expect(numbers).toEqual([1, 2]);
  });

  it("ends a call at its deadline, and tells the server of it", async () => {
    const held = Promise.withResolvers<void>();
    const { client, fleet, transport } = await setUp({ protocol }, { onCall: () => held.promise });
    for (const call of [client.update({}, { timeoutMs: 250 }), collect(client.count({ count: 1 }, { timeoutMs: 250 }))]) {
      expect(await failureOf(call)).toMatchObject({ code: Code.DeadlineExceeded });
    }
    const { "connect-timeout-ms": connectTimeout, "grpc-timeout": grpcTimeout } = lastHeaders(fleet);
    const sentMs = Number.parseInt(String(connectTimeout ?? grpcTimeout), 10);
    expect(sentMs).toBeGreaterThan(0);
    expect(sentMs).toBeLessThanOrEqual(250);
    await eventually(() => inFlight(transport) === 0);
    held.resolve();
  });

  it("applies the default timeout", async () => {
    const held = Promise.withResolvers<void>();
    const { client } = await setUp({ protocol, defaultTimeoutMs: 60 }, { onCall: () => held.promise });
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.DeadlineExceeded });
    held.resolve();
  });

  it("ends a call when it is cancelled", async () => {
    const held = Promise.withResolvers<void>();
    const { client, fleet, transport } = await setUp({ protocol }, { onCall: () => held.promise });
    const abort = new AbortController();
    const call = client.update({}, { signal: abort.signal });
    await eventually(() => fleet.attempts().includes(1));
    abort.abort();
    expect(await failureOf(call)).toMatchObject({ code: Code.Canceled });
    await eventually(() => fleet.servers.some(({ calls }) => calls[0]?.resetCode === 8) && inFlight(transport) === 0);
    held.resolve();
  });
});

it("sends side-effect-free unary calls by GET where asked to, and only those", async () => {
  const { client, fleet } = await setUp({ useHttpGet: true });
  expect(await client.echo({ text: "got" })).toMatchObject({ text: "got" });
  expect(lastHeaders(fleet)[":method"]).toBe("GET");
  await client.update({});
  const methods = fleet.servers.flatMap(({ calls }) => calls.map(({ headers }) => headers[":method"]));
  expect(methods.sort()).toEqual(["GET", "POST"]);
});
