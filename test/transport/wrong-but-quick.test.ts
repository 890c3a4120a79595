import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { powerOfTwo } from "../../src/balancer/policies/power-of-two.ts";
import type { BalancedTransport } from "../../src/index.ts";
import { seededRandom } from "../../src/testing/index.ts";
import { type BalancedClient, inFlight, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { type EchoFleet, startEchoFleet, staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

// Three servers do the work, which takes 2 ms. The fourth answers at once that the caller is wrong.

const CALLERS_FAULT = [
  Code.Canceled,
  Code.NotFound,
  Code.PermissionDenied,
  Code.FailedPrecondition,
  Code.Unimplemented,
  Code.Unauthenticated,
] as const;
const PROTOCOLS = ["connect", "grpc", "grpc-web"] as const;

const refuserWith = (code: Code) =>
  startEchoServer({
    name: "refuser",
    onCall: () => {
      throw new ConnectError("no", code);
    },
  });

const startHtmlServer = (status: number) =>
  startRawHttp2Server({
    onRequestEnd(stream) {
      stream.sendHeaders({ ":status": `${status}`, "content-type": "text/html" });
      stream.sendData(Buffer.from("<html><body>no</body></html>"), "end");
    },
  });

const startAnsweringServer = (fields: Record<string, string>, body: string) =>
  startRawHttp2Server({
    onRequestEnd(stream) {
      stream.sendHeaders({ ":status": "200", ...fields });
      stream.sendData(Buffer.from(body), "end");
    },
  });

const goodOnes = async () => use(await startEchoFleet(3));
const targetOf = (fleet: EchoFleet, other: { readonly address: string }) => staticTarget(...fleet.servers, other);

/** Makes so many calls, some at a time; how many failed. */
async function load({ client }: BalancedClient, calls: number, concurrency: number): Promise<number> {
  let failed = 0;
  let left = calls;
  const worker = async () => {
    while (left-- > 0) await client.echo({ behavior: { delayMs: 2 } }).catch(() => failed++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return failed;
}

function memberOf(transport: BalancedTransport, { port }: { readonly port: number }) {
  return transport.inspect().endpoints.find(({ endpoint }) => endpoint.port === port);
}

describe("a server that blames its callers, at once, while three others do the work", () => {
  it.each(CALLERS_FAULT)("with code %i gets at most 1 % of 1,000 calls", async (code) => {
    const fleet = await goodOnes();
    const refuser = use(await refuserWith(code));
    const balanced = await readyClient(targetOf(fleet, refuser), { random: seededRandom(7) });
    expect(await load(balanced, 1_000, 16)).toBeLessThanOrEqual(10);
    expect(memberOf(balanced.transport, refuser)?.outcomes.success).toBe(0);
  });

  it.each([403, 404])("with HTTP %i and a page gets at most 1 %", async (status) => {
    const fleet = await goodOnes();
    const refuser = use(await startHtmlServer(status));
    const balanced = await readyClient(targetOf(fleet, refuser), { random: seededRandom(7) });
    expect(await load(balanced, 1_000, 16)).toBeLessThanOrEqual(10);
  });

  it("gets at most 1 % of calls that are made one after the other", async () => {
    const fleet = await goodOnes();
    const refuser = use(await refuserWith(Code.PermissionDenied));
    const balanced = await readyClient(targetOf(fleet, refuser), { random: seededRandom(7) });
    expect(await load(balanced, 1_000, 1)).toBeLessThanOrEqual(10);
  });

  it("is ejected, whatever the policy", async () => {
    const fleet = await goodOnes();
    const refuser = use(await refuserWith(Code.PermissionDenied));
    const balanced = await readyClient(targetOf(fleet, refuser), { random: seededRandom(7), policy: powerOfTwo() });
    expect(await load(balanced, 500, 8)).toBeLessThanOrEqual(20);
    expect(memberOf(balanced.transport, refuser)).toMatchObject({ ejection: "ejected" });
    expect(memberOf(balanced.transport, refuser)?.reason).toContain("client error");
  });
});

describe("a server that answers at once what can't be understood, while three others do the work", () => {
  it.each([
    ["connect", "gzip that is none", { "content-type": "application/proto", "content-encoding": "gzip" }, "no"],
    ["grpc-web", "a page", { "content-type": "text/html" }, "<html><body>no</body></html>"],
    ["grpc-web", "half a message", { "content-type": "application/grpc-web+proto" }, "\0\0\0\0\u0009no"],
  ] as const)("in %s with %s gets at most 1 % of 1,000 calls", async (protocol, _what, fields, body) => {
    const fleet = await goodOnes();
    const wrong = use(await startAnsweringServer(fields, body));
    const balanced = await readyClient(targetOf(fleet, wrong), { protocol, random: seededRandom(7) });
    expect(await load(balanced, 1_000, 16)).toBeLessThanOrEqual(10);
    expect(memberOf(balanced.transport, wrong)?.outcomes.success).toBe(0);
  });
});

describe.each(PROTOCOLS)("in %s", (protocol) => {
  it("a page with HTTP 403 or 404 is a client error, of a unary call and of a stream", async () => {
    for (const status of [401, 403, 404]) {
      const server = use(await startHtmlServer(status));
      const { client, transport } = await readyClient(staticTarget(server), { protocol });
      await failureOf(client.echo({}));
      await failureOf(collect(client.count({ count: 1 })));
      await eventually(() => inFlight(transport) === 0);
      expect(memberOf(transport, server)?.outcomes).toMatchObject({ clientError: 2, success: 0 });
    }
  });

  it("an error of the caller's is a client error, of a unary call and of a stream, at its beginning and later", async () => {
    const server = use(await startEchoServer());
    const { client, transport } = await readyClient(staticTarget(server), { protocol });
    const behavior = { failCode: Code.NotFound };
    expect(await failureOf(client.echo({ behavior }))).toMatchObject({ code: Code.NotFound });
    expect(await failureOf(collect(client.count({ count: 1, behavior })))).toMatchObject({ code: Code.NotFound });
    expect(await failureOf(collect(client.count({ count: 2, behavior: { ...behavior, failAfter: 1 } })))).toMatchObject({
      code: Code.NotFound,
    });
    await eventually(() => inFlight(transport) === 0);
    expect(memberOf(transport, server)?.outcomes).toMatchObject({ clientError: 3, success: 0 });
  });

  it("an answer beyond our own limit is a success of the server", async () => {
    const server = use(await startEchoServer());
    const { client, transport } = await readyClient(staticTarget(server), { protocol, readMaxBytes: 1_000 });
    expect(await failureOf(client.echo({ behavior: { size: 10_000 } }))).toMatchObject({ code: Code.ResourceExhausted });
    await eventually(() => inFlight(transport) === 0);
    expect(memberOf(transport, server)?.outcomes).toMatchObject({ success: 1, clientError: 0 });
  });
});
