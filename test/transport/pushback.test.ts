import { constants } from "node:http2";
import { type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { bouncedHeader, mayBounceHeader } from "../../src/bounce.ts";
import { type BalancedTransport, balanced, type Protocol } from "../../src/index.ts";
import { loadReportHeader } from "../../src/orca.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { balancedClient, inFlight, readyClient } from "../support/balanced-client.ts";
import { collect, sending } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { failureOf } from "../support/failure-of.ts";
import type { HeaderFields } from "../support/hpack.ts";
import { preferring } from "../support/preferring.ts";
import type { RawScript, RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { calm, type PushbackServer, startPushbackServer } from "./pushback-server.ts";

const protocols = ["connect", "grpc", "grpc-web"] as const;

type EchoClient = Client<typeof EchoService>;

/** A call of each kind, none of them declared safe to repeat, and who answered it. */
const calls: Readonly<Record<string, (client: EchoClient) => Promise<string | undefined>>> = {
  unary: async (client) => (await client.update({ text: "a" })).server?.name,
  "server stream": async (client) => (await collect(client.count({ count: 2 }))).at(-1)?.server?.name,
  "client stream": async (client) => (await client.collect(sending({ text: "a" }, { text: "b" }))).server?.name,
  "two-way stream": async (client) => (await collect(client.chat(sending({ text: "a" }, { text: "b" })))).at(-1)?.server?.name,
};
const everyCall = protocols.flatMap((protocol) => Object.entries(calls).map(([kind, call]) => ({ protocol, kind, call })));

const memberOf = (transport: BalancedTransport, { port }: { readonly port: number }) =>
  transport.inspect().endpoints.find(({ endpoint }) => endpoint.port === port);

/** Two servers above their limits and one below, in this order of preference. */
async function startFleet() {
  const first = use(await startPushbackServer({ name: "first" }));
  const second = use(await startPushbackServer({ name: "second" }));
  const idle = use(await startPushbackServer({ name: "idle", ...calm }));
  return { first, second, idle };
}

const preferringAll = (...servers: readonly PushbackServer[]) => ({ policy: preferring(...servers), pushback: true });

/** Keeps calls waiting. */
const holding =
  (until: Promise<void>): Interceptor =>
  (next) =>
  async (request) => {
    await until;
    return next(request);
  };

describe.each(everyCall)("a $kind in $protocol", ({ protocol, call }) => {
  it("that is bounced is made elsewhere, and its handler runs once", async () => {
    const { first, idle } = await startFleet();
    const { client, transport } = await readyClient(staticTarget(first, idle), { protocol, ...preferringAll(first, idle) });
    expect(await call(client)).toBe("idle");
    expect([first.permits, idle.permits]).toEqual([["2"], ["1"]]);
    expect([first.taken, idle.taken]).toEqual([0, 1]);
    await eventually(() => inFlight(transport) === 0);
    expect(memberOf(transport, first)).toMatchObject({ outcomes: { overload: 1, success: 0, failure: 0 }, report: { inFlight: 0 } });
  });

  it("is bounced twice at most: the third server takes it", async () => {
    const { first, second } = await startFleet();
    const third = use(await startPushbackServer({ name: "third" }));
    const servers = [first, second, third];
    const { client } = await readyClient(staticTarget(...servers), { protocol, ...preferringAll(...servers) });
    expect(await call(client)).toBe("third");
    expect(servers.map(({ permits }) => permits)).toEqual([["2"], ["1"], [undefined]]);
  });

  it("returns to a server that bounced it, where nobody else is left, and is taken there", async () => {
    const { first, second } = await startFleet();
    const { client } = await readyClient(staticTarget(first, second), { protocol, ...preferringAll(first, second) });
    expect(await call(client)).toBe("first");
    expect([first.permits, second.permits]).toEqual([["2", undefined], ["1"]]);
    expect([first.taken, second.taken]).toEqual([1, 0]);
  });

  it("leaves no stream behind where it was bounced, and resets none", async () => {
    const { first, idle } = await startFleet();
    const { client } = await readyClient(staticTarget(first, idle), { protocol, ...preferringAll(first, idle) });
    for (let n = 0; n < 5; n++) await call(client);
    expect(first.permits).toHaveLength(5);
    await first.until(() => first.openStreams === 0);
    expect(first.resets).toEqual([]);
  });
});

describe.each(protocols)("in %s", (protocol) => {
  it("an overload of the application's own making is no bounce, and not repeated", async () => {
    const failing: Interceptor = () => () => {
      throw new ConnectError("quota used up", Code.ResourceExhausted, { "grpc-retry-pushback-ms": "0" });
    };
    const full = use(await startPushbackServer({ name: "full", interceptor: failing, ...calm }));
    const { idle } = await startFleet();
    const { client } = await readyClient(staticTarget(full, idle), { protocol, ...preferringAll(full, idle) });
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.ResourceExhausted, rawMessage: "quota used up" });
    expect(await failureOf(collect(client.count({})))).toMatchObject({ code: Code.ResourceExhausted });
    expect([full.taken, idle.taken]).toEqual([2, 0]);
  });

  it("a server that turns calls away unasked is overloaded like another", async () => {
    const refusing: Interceptor = () => () => {
      throw new ConnectError("no", Code.ResourceExhausted, { [bouncedHeader]: "1" });
    };
    const rude = use(await startPushbackServer({ name: "rude", interceptor: refusing, ...calm }));
    const { idle } = await startFleet();
    const { client } = await readyClient(staticTarget(rude, idle), { protocol, policy: preferring(rude, idle) });
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.ResourceExhausted, rawMessage: "no" });
    expect([rude.taken, idle.taken]).toEqual([1, 0]);
  });

  it("no permit is given without the option, nor handed on from elsewhere", async () => {
    const { first } = await startFleet();
    const { client } = await readyClient(staticTarget(first), { protocol });
    const headers = { [mayBounceHeader]: "2" };
    expect(await client.update({ text: "a" }, { headers })).toMatchObject({ server: { name: "first" } });
    expect(first.permits).toEqual([undefined]);
  });

  it("no permit is given where there is one endpoint", async () => {
    const { first } = await startFleet();
    const { client } = await readyClient(staticTarget(first), { protocol, pushback: true });
    await client.update({});
    expect(first.permits).toEqual([undefined]);
  });

  it("1,000 messages, all sent before the bounce is here, arrive elsewhere, each once and in order", async () => {
    const { first, idle } = await startFleet();
    const { client } = await readyClient(staticTarget(first, idle), { protocol, ...preferringAll(first, idle) });
    const texts = Array.from({ length: 1_000 }, (_, n) => String(n));
    const answer = await client.collect(sending(...texts.map((text) => ({ text }))));
    expect(answer).toMatchObject({ text: texts.join(" "), server: { name: "idle" } });
    expect([first.taken, idle.taken]).toEqual([0, 1]);
  });

  it("a conversation that has only begun goes on elsewhere, and leaves the first server alone", async () => {
    const { first, idle } = await startFleet();
    const { client } = await readyClient(staticTarget(first, idle), { protocol, ...preferringAll(first, idle) });
    const answered = Promise.withResolvers<void>();
    const talking = async function* () {
      yield { text: "hello" };
      await answered.promise;
      yield { text: "goodbye" };
    };
    const heard: string[] = [];
    for await (const { text } of client.chat(talking())) {
      heard.push(text);
      await first.until(() => first.openStreams === 0);
      answered.resolve();
    }
    expect(heard).toEqual(["hello", "goodbye"]);
    expect([first.taken, idle.taken]).toEqual([0, 1]);
  });

  it("large requests that are bounced unread leave the connection as it was", async () => {
    const { first, idle } = await startFleet();
    const { client, transport } = await readyClient(staticTarget(first, idle), { protocol, ...preferringAll(first, idle) });
    const text = "x".repeat(300_000);
    for (let n = 0; n < 5; n++) expect(await client.update({ text })).toMatchObject({ server: { name: "idle" } });
    expect(first.permits).toEqual(["2", "2", "2", "2", "2"]);
    await first.until(() => first.openStreams === 0);
    await eventually(() => inFlight(transport) === 0);
    const { client: direct } = await readyClient(staticTarget(first), { protocol });
    expect(await direct.update({ text })).toMatchObject({ server: { name: "first" } });
    expect(memberOf(transport, first)?.sessions).toHaveLength(1);
  });

  it("an attempt interceptor sees the bounce and its report, an interceptor one good call", async () => {
    const { first, idle } = await startFleet();
    const seen: string[] = [];
    const watching =
      (who: string): Interceptor =>
      (next) =>
      async (request) => {
        try {
          const response = await next(request);
          seen.push(`${who}: answered`);
          return response;
        } catch (error) {
          const { code, metadata } = ConnectError.from(error);
          seen.push(`${who}: ${Code[code]} ${metadata.has(loadReportHeader) ? "with a report" : ""}`);
          throw error;
        }
      };
    const options = { interceptors: [watching("call")], attemptInterceptors: [watching("attempt")] };
    const { client } = await readyClient(staticTarget(first, idle), { protocol, ...options, ...preferringAll(first, idle) });
    await client.update({});
    expect(seen).toEqual(["attempt: ResourceExhausted with a report", "attempt: answered", "call: answered"]);
  });

  it("clients cap the bounces where everybody is above the limit, and every call succeeds", async () => {
    const { first, second } = await startFleet();
    const { client } = await readyClient(staticTarget(first, second), { protocol, ...preferringAll(first, second) });
    for (let n = 0; n < 200; n++) await client.update({});
    const attempts = first.permits.length + second.permits.length;
    const bounced = attempts - first.taken - second.taken;
    expect(first.taken + second.taken).toBe(200);
    expect(bounced).toBeGreaterThan(0.15 * attempts);
    expect(bounced).toBeLessThanOrEqual(10 + 0.2 * attempts);
  });
});

it("balanced() has the option too", async () => {
  const { first, idle } = await startFleet();
  const target = staticTarget(first, idle);
  const transport = use(balanced(createGrpcTransport, { baseUrl: "http://echo.test" }, { target, ...preferringAll(first, idle) }));
  await eventually(() => transport.inspect().endpoints.filter(({ connectivity }) => connectivity === "ready").length === 2);
  expect(await createClient(EchoService, transport).update({})).toMatchObject({ server: { name: "idle" } });
  expect([first.permits, idle.permits]).toEqual([["2"], ["1"]]);
});

it("a handler does not see the permit, so that it can't hand it on", async () => {
  const headers: (string | null)[] = [];
  const noting: Interceptor = (next) => (request) => {
    headers.push(request.header.get(mayBounceHeader));
    return next(request);
  };
  const { first } = await startFleet();
  const taking = use(await startPushbackServer({ name: "taking", interceptor: noting, pushback: { limit: 100 } }));
  const { client } = await readyClient(staticTarget(taking, first), preferringAll(taking, first));
  await client.update({});
  expect([taking.permits, headers]).toEqual([["2"], [null]]);
});

it("a success of Connect's unary protocol is one, whatever its headers say", async () => {
  const relaying: Interceptor = (next) => async (request) => {
    const response = await next(request);
    response.header.set(bouncedHeader, "1");
    return response;
  };
  const relay = use(await startPushbackServer({ name: "relay", interceptor: relaying, ...calm }));
  const { idle } = await startFleet();
  const { client } = await readyClient(staticTarget(relay, idle), preferringAll(relay, idle));
  expect(await client.update({})).toMatchObject({ server: { name: "relay" } });
  expect([relay.taken, idle.taken]).toEqual([1, 0]);
});

it("a call beyond maxInFlight is bounced, and counts neither as in flight nor as an error", async () => {
  const held = Promise.withResolvers<void>();
  const interceptor = holding(held.promise);
  const full = use(await startPushbackServer({ name: "full", interceptor, maxInFlight: 1, pushback: true }));
  const { idle } = await startFleet();
  const { client } = await readyClient(staticTarget(full, idle), preferringAll(full, idle));
  const first = client.update({});
  await full.until(() => full.taken === 1);
  expect(await client.update({})).toMatchObject({ server: { name: "idle" } });
  expect(full.health.sampler.report()).toMatchObject({ inFlight: 1, requestsPerSecond: 0, errorsPerSecond: 0, utilization: 1 });
  held.resolve();
  expect(await first).toMatchObject({ server: { name: "full" } });
  expect(await client.update({})).toMatchObject({ server: { name: "full" } });
});

it("a call that is bounced waits for no connection: it returns", async () => {
  const { first } = await startFleet();
  const silent = use(await startRawHttp2Server({ settings: "silent" }));
  const { client, transport } = balancedClient(staticTarget(first, silent), preferringAll(first));
  await transport.ready();
  await silent.until(() => silent.connections.length === 1);
  expect(await client.update({}, { timeoutMs: 5_000 })).toMatchObject({ server: { name: "first" } });
  expect(first.permits).toEqual(["2", undefined]);
});

it("a server that hangs, among others that bounce, is ejected; then its calls return to those", async () => {
  const { first, second } = await startFleet();
  const hung = use(await startRawHttp2Server({}));
  const { client } = await readyClient(staticTarget(first, second, hung), { policy: preferring(first, second, hung), pushback: true });
  const hanging = Array.from({ length: 5 }, () => failureOf(client.update({}, { timeoutMs: 300 })));
  expect((await Promise.all(hanging)).map(({ code }) => code)).toEqual(Array(5).fill(Code.DeadlineExceeded));
  expect(hung.streams()).toHaveLength(5);
  expect(await client.update({}, { timeoutMs: 5_000 })).toMatchObject({ server: { name: "first" } });
  expect(hung.streams()).toHaveLength(5);
});

describe("on the wire", () => {
  const unaryBounce = { ":status": "429", "content-type": "application/json", [bouncedHeader]: "1" };
  const trailersOnly = { ":status": "200", "content-type": "application/grpc+proto", "grpc-status": "8", [bouncedHeader]: "1" };

  /** A server of few words, which is preferred, and one that takes every call. */
  async function setUp(script: RawScript, protocol: Protocol = "connect") {
    const { idle } = await startFleet();
    const raw = use(await startRawHttp2Server(script));
    const balanced = await readyClient(staticTarget(raw, idle), { protocol, policy: preferring(raw, idle), pushback: true });
    return { raw, idle, ...balanced };
  }

  it("a bounce in headers alone (trailers-only, in gRPC) is understood, for all kinds", async () => {
    const { client, raw, transport } = await setUp({ onHeaders: (stream) => stream.sendHeaders(trailersOnly, "end") }, "grpc");
    for (const call of Object.values(calls)) expect(await call(client)).toBe("idle");
    expect(raw.streams()).toHaveLength(4);
    await eventually(() => inFlight(transport) === 0);
  });

  it.each<[string, Protocol, HeaderFields, Code]>([
    ["another grpc-status", "grpc", { ...trailersOnly, "grpc-status": "14" }, Code.Unavailable],
    ["another HTTP status", "grpc", { ...trailersOnly, ":status": "503" }, Code.Unavailable],
    ["another HTTP status", "connect", { ...unaryBounce, ":status": "503" }, Code.Unavailable],
    ["another value", "connect", { ...unaryBounce, [bouncedHeader]: "2" }, Code.Unavailable],
  ])("a bounce with %s (%s) is none", async (_what, protocol, headers, code) => {
    const { client, idle } = await setUp({ onHeaders: (stream) => stream.sendHeaders(headers, "end") }, protocol);
    expect(await failureOf(client.update({}))).toMatchObject({ code });
    expect(idle.taken).toBe(0);
  });

  it("a bounce is not reset, though the call goes on before it has ended: servers count resets", async () => {
    const held = Promise.withResolvers<void>();
    const slow = use(await startPushbackServer({ name: "slow", interceptor: holding(held.promise), ...calm }));
    const raw = use(
      await startRawHttp2Server({
        async onRequestEnd(stream) {
          stream.sendHeaders(unaryBounce);
          await slow.until(() => slow.taken === 1);
          stream.sendData(Buffer.from("{}"), "end");
        },
      }),
    );
    const { client, transport } = await readyClient(staticTarget(raw, slow), { policy: preferring(raw, slow), pushback: true });
    const call = client.update({});
    await eventually(() => slow.taken === 1 && memberOf(transport, raw)?.inFlight === 0);
    held.resolve();
    expect(await call).toMatchObject({ server: { name: "slow" } });
    expect(raw.streams().map(({ resetCode }) => resetCode)).toEqual([undefined]);
  });

  it("a request that is still open when its bounce has ended is closed, while the call goes on", async () => {
    const { client, raw } = await setUp({ onHeaders: (stream) => stream.sendHeaders(trailersOnly, "end") }, "grpc");
    const talking = async function* () {
      yield { text: "hello" };
      // The end of the request and its reset leave together: what is written first is up to Node.js.
      await raw.until(() => raw.streams().some(({ requestEnded, resetCode }) => requestEnded || resetCode !== undefined));
      yield { text: "goodbye" };
    };
    expect(await client.collect(talking())).toMatchObject({ text: "hello goodbye", server: { name: "idle" } });
  });

  it("a bounce is no reason to fail, but having nobody to ask is", async () => {
    const gone = await startRawHttp2Server({});
    await gone.close();
    const leaving = use(
      await startRawHttp2Server({
        onHeaders(stream) {
          stream.connection.sendGoaway(stream.id, constants.NGHTTP2_NO_ERROR);
          stream.sendHeaders(unaryBounce, "end");
          leaving.close();
        },
      }),
    );
    const { client, transport } = balancedClient(staticTarget(leaving, gone), { pushback: true });
    await eventually(() => memberOf(transport, gone)?.connectivity === "unreachable");
    await transport.ready();
    expect(await failureOf(client.update({}))).toMatchObject({
      code: Code.Unavailable,
      rawMessage: expect.stringContaining("no endpoint"),
    });
    expect(leaving.streams()).toHaveLength(1);
  });

  it("a bounce that never ends holds its stream no longer than its call", async () => {
    const { client, raw, transport } = await setUp({ onHeaders: (stream) => stream.sendHeaders(unaryBounce) });
    expect(await client.update({})).toMatchObject({ server: { name: "idle" } });
    await eventually(() => inFlight(transport) === 0);
    await raw.until(() => raw.streams()[0]?.resetCode === constants.NGHTTP2_CANCEL);
  });

  it("messages that are sent before the bounce is noticed are kept, however many", async () => {
    const bounced = Promise.withResolvers<void>();
    const flooded = Promise.withResolvers<void>();
    const slow: Interceptor = (next) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        bounced.resolve();
        await flooded.promise;
        throw error;
      }
    };
    const { idle } = await startFleet();
    const onHeaders = (stream: RawStream) => {
      stream.sendHeaders(trailersOnly);
      void flooded.promise.then(() => stream.sendData(new Uint8Array(), "end"));
    };
    const raw = use(await startRawHttp2Server({ onHeaders }));
    const options = { policy: preferring(raw, idle), pushback: true, attemptInterceptors: [slow] };
    const { client } = await readyClient(staticTarget(raw, idle), { protocol: "grpc", ...options });
    const flooding = async function* () {
      yield { text: "first" };
      await bounced.promise;
      for (let n = 0; n < 100; n++) yield { text: String(n) };
      flooded.resolve();
    };
    expect(await client.collect(flooding())).toMatchObject({ messages: 101, server: { name: "idle" } });
  });
});
