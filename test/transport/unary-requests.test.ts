import { type CallOptions, createClient, type Transport } from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { use } from "../support/use.ts";

const stock = { connect: createConnectTransport, grpc: createGrpcTransport, "grpc-web": createGrpcWebTransport, Http2SessionManager };

/** Headers of callers, plain and not. */
const given: Readonly<Record<string, CallOptions["headers"]>> = {
  none: undefined,
  plain: { authorization: "Bearer 7", "x-tenant": "shop" },
  "in capitals": { Authorization: "Bearer 7", "X-Tenant": "shop" },
  "as a list, one twice": [
    ["x-tag", "a"],
    ["x-tag", "b"],
  ],
  "as Headers": new Headers({ "x-tenant": "shop" }),
  "with spaces around": { "x-tenant": "  shop " },
  "beyond ASCII": { "x-name": "caf\u00e9" },
  empty: { "x-empty": "" },
  "of the protocol": {
    "content-type": "text/plain",
    "user-agent": "me/1",
    "accept-encoding": "br",
    te: "trailers",
    "content-encoding": "gzip",
    "grpc-encoding": "br",
  },
  "a deadline": { "connect-timeout-ms": "90000", "grpc-timeout": "90000m" },
};

/** Stands for values that two calls can't have in common. */
function comparable(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const timeouts = ["connect-timeout-ms", "grpc-timeout"].filter((name) => headers[name] !== undefined);
  return { ...headers, ...Object.fromEntries(timeouts.map((name) => [name, parseInt(String(headers[name]), 10) > 60_000])) };
}

describe.each(["connect", "grpc", "grpc-web"] as const)(
  "over %s a server sees the headers that Connect's own transport sends",
  (protocol) => {
    const names = Object.keys(given);
    it.each([
      ["of usual calls", {}, {}],
      ["with a deadline", {}, { timeoutMs: 90_000 }],
      ["compressed", { sendCompression: compressionGzip, compressMinBytes: 1 }, {}],
      ["too short to compress", { sendCompression: compressionGzip }, {}],
      ["in JSON", { useBinaryFormat: false }, {}],
    ] as const)("%s", async (_, options, callOptions) => {
      const server = use(await startEchoServer());
      const { client } = await readyClient(staticTarget(server), { protocol, ...options });
      const baseUrl = `http://${server.address}`;
      const sessionManager = new Http2SessionManager(baseUrl);
      const transport: Transport = stock[protocol]({ baseUrl, httpVersion: "2", sessionManager, ...options });
      for (const call of [client, createClient(EchoService, transport)]) {
        for (const name of names) await call.update({ text: "hello" }, { ...callOptions, headers: given[name] });
      }
      sessionManager.abort();
      const seen = server.calls.map(({ headers }) => comparable(headers));
      const [ours, theirs] = [seen.slice(0, names.length), seen.slice(names.length)];
      expect(Object.fromEntries(names.map((name, at) => [name, ours[at]]))).toEqual(
        Object.fromEntries(names.map((name, at) => [name, theirs[at]])),
      );
    });
  },
);

it("headers that can't be sent are refused as Connect does, and nobody is asked", async () => {
  const server = use(await startEchoServer());
  const { client } = await readyClient(staticTarget(server));
  await expect(client.update({}, { headers: { "x tenant": "shop" } })).rejects.toThrow(TypeError);
  expect(server.calls).toEqual([]);
});
