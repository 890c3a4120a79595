import { Code, type Interceptor } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { type BalancedTransportOptions, type Protocol, roundRobin } from "../../src/index.ts";
import { scriptedSource, testEndpoint } from "../../src/testing/index.ts";
import { balancedClient, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { type EchoServerOptions, startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { activeTraceId, lineage, RealSdk } from "./real-sdk.ts";

const protocols = ["connect", "grpc", "grpc-web"] as const satisfies readonly Protocol[];

async function setUp(options: BalancedTransportOptions = {}, serverOptions: EchoServerOptions = {}) {
  const sdk = new RealSdk();
  const interceptors = [sdk.telemetry.serverInterceptor, ...(serverOptions.interceptors ?? [])];
  const server = use(await startEchoServer({ ...serverOptions, interceptors }));
  const { client, transport } = await readyClient(staticTarget(server), { telemetry: sdk.telemetry, ...options });
  const spans = (count: number) => eventually(() => sdk.spans().length === count).then(() => sdk.spans());
  return { sdk, server, client, transport, spans };
}

type Client = Awaited<ReturnType<typeof setUp>>["client"];

async function* messages(...texts: string[]) {
  for (const text of texts) yield { text };
}

const kinds: readonly (readonly [string, (client: Client) => Promise<unknown>])[] = [
  ["Update", (client) => client.update({ text: "hello" })],
  ["Count", (client) => collect(client.count({ count: 3 }))],
  ["Collect", (client) => client.collect(messages("one", "two"))],
  ["Chat", (client) => collect(client.chat(messages("one", "two")))],
];

describe.each(protocols)("with %s", (protocol) => {
  it.each(kinds)("%s has a span for the call, one for its attempt, and the server's", async (method, call) => {
    const { sdk, spans, server, client } = await setUp({ protocol });
    await sdk.inSpan("caller", () => call(client));
    const seen = await spans(4);
    expect(seen.map(lineage)).toEqual([
      "INTERNAL caller",
      `INTERNAL caller > CLIENT ${method}`,
      `INTERNAL caller > CLIENT ${method} > CLIENT ${method}`,
      `INTERNAL caller > CLIENT ${method} > CLIENT ${method} > SERVER ${method}`,
    ]);
    expect(new Set(seen.map(({ traceId }) => traceId)).size).toBe(1);
    const [, ofCall, attempt, served] = seen;
    const system = protocol === "connect" ? "connectrpc" : "grpc";
    const status = protocol === "connect" ? undefined : "OK";
    const common = { "rpc.system.name": system, "rpc.method": `meshless.testing.v1.EchoService/${method}` };
    expect(ofCall?.attributes).toMatchObject({ ...common, "network.peer.port": server.port, "meshless.attempts": 1 });
    expect(attempt?.attributes).toMatchObject({ ...common, "server.address": "127.0.0.1", "server.port": server.port });
    expect(attempt?.attributes).toMatchObject({ "meshless.attempt.number": 1, "meshless.outcome": "success" });
    expect(served?.attributes).toMatchObject(common);
    for (const span of [ofCall, attempt, served]) {
      expect([span?.name, span?.isError]).toEqual([`meshless.testing.v1.EchoService/${method}`, false]);
      expect(span?.attributes["rpc.status_code"]).toBe(status);
      expect(span?.attributes).not.toHaveProperty(["error.type"]);
    }
  });

  it("an error of the server is one of all three spans, by its code", async () => {
    const { spans, client } = await setUp({ protocol });
    await failureOf(client.update({ behavior: { failCode: Code.Internal } }));
    const status = protocol === "connect" ? "internal" : "INTERNAL";
    for (const { isError, attributes } of await spans(3)) {
      expect(isError).toBe(true);
      expect(attributes).toMatchObject({ "rpc.status_code": status, "error.type": status });
    }
  });

  it("an error of the caller is none of the server's span", async () => {
    const { spans, client } = await setUp({ protocol });
    await failureOf(client.update({ behavior: { failCode: Code.NotFound } }));
    const status = protocol === "connect" ? "not_found" : "NOT_FOUND";
    const seen = await spans(3);
    expect(seen.map(({ isError }) => isError)).toEqual([true, true, false]);
    for (const { attributes } of seen) expect(attributes["rpc.status_code"]).toBe(status);
  });

  it("a stream that fails after its first message ends all its spans with the code", async () => {
    const { spans, client } = await setUp({ protocol });
    await failureOf(collect(client.count({ count: 3, behavior: { failCode: Code.Unavailable, failAfter: 1 } })));
    for (const { attributes } of await spans(3)) expect(String(attributes["rpc.status_code"]).toLowerCase()).toBe("unavailable");
  });

  it("a call that its caller cancels ends all its spans", async () => {
    const { spans, client, server } = await setUp({ protocol });
    const caller = new AbortController();
    const call = failureOf(client.update({ behavior: { delayMs: 60_000 } }, { signal: caller.signal }));
    await eventually(() => server.calls.length === 1);
    caller.abort();
    await call;
    const [ofCall, attempt, served] = await spans(3);
    expect(served?.attributes["rpc.status_code"]).toBe(protocol === "connect" ? "canceled" : "CANCELLED");
    expect(ofCall?.attributes["rpc.status_code"]).toBe(protocol === "connect" ? "canceled" : "CANCELLED");
    expect(attempt?.attributes["meshless.outcome"]).toBe("abandoned");
  });

  it("a stream that its reader leaves ends all its spans", async () => {
    const { spans, client } = await setUp({ protocol });
    const caller = new AbortController();
    const reading = (async () => {
      for await (const _ of client.count({ count: 1_000_000 }, { signal: caller.signal })) caller.abort();
    })();
    await failureOf(reading);
    const [, , served] = await spans(3);
    expect(served?.attributes["rpc.status_code"]).toBe(protocol === "connect" ? "canceled" : "CANCELLED");
    expect(served?.isError).toBe(false);
  });

  it.each(kinds)("%s is one trace over client, server, client and server again", async (method, call) => {
    const sdk = new RealSdk();
    const { telemetry } = sdk;
    const last = use(await startEchoServer({ interceptors: [telemetry.serverInterceptor] }));
    const { client: inner } = await readyClient(staticTarget(last), { telemetry, protocol });
    const asksOn: Interceptor = (next) => async (request) => {
      await inner.echo({});
      return next(request);
    };
    const first = use(await startEchoServer({ interceptors: [telemetry.serverInterceptor, asksOn] }));
    const { client } = await readyClient(staticTarget(first), { telemetry, protocol });
    await call(client);
    await eventually(() => sdk.spans().length === 6);
    const seen = sdk.spans();
    const outer = `CLIENT ${method} > CLIENT ${method} > SERVER ${method}`;
    expect(seen.map(lineage)).toContain(`${outer} > CLIENT Echo > CLIENT Echo > SERVER Echo`);
    expect(new Set(seen.map(({ traceId }) => traceId)).size).toBe(1);
  });
});

it("a handler that is a generator runs within the server's span, at each of its messages", async () => {
  const traces: (string | undefined)[] = [];
  const noting: Interceptor = (next) => async (request) => {
    const response = await next(request);
    if (!response.stream) return response;
    const { message } = response;
    async function* watched() {
      for await (const one of message) {
        traces.push(activeTraceId());
        yield one;
      }
    }
    return { ...response, message: watched() };
  };
  const { client, spans } = await setUp({}, { interceptors: [noting] });
  await collect(client.count({ count: 3 }));
  const [ofCall] = await spans(3);
  expect(traces).toEqual([ofCall?.traceId, ofCall?.traceId, ofCall?.traceId]);
});

it("a call that has to wait for its endpoints says for how long", async () => {
  const sdk = new RealSdk();
  const server = use(await startEchoServer());
  const source = scriptedSource();
  let passedMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + passedMs };
  const { client } = balancedClient(source, { telemetry: sdk.telemetry, clock });
  const call = client.update({});
  passedMs = 500;
  source.update([testEndpoint({ address: "127.0.0.1", port: server.port })]);
  await call;
  const [ofCall] = sdk.spans();
  expect(ofCall?.events).toMatchObject([{ name: "meshless.wait" }]);
  expect(ofCall?.events[0]?.attributes["meshless.wait.duration"]).toBeGreaterThan(0.5);
});

it("a call for which there is no endpoint has a span, and no attempt below it", async () => {
  const sdk = new RealSdk();
  const source = scriptedSource();
  source.update([]);
  const { client } = balancedClient(source, { telemetry: sdk.telemetry, authority: "checkout.shop:8080" });
  await failureOf(client.update({}));
  expect(sdk.spans()).toMatchObject([
    { kind: "CLIENT", isError: true, attributes: { "meshless.attempts": 0, "server.address": "checkout.shop", "server.port": 8080 } },
  ]);
});

it("several transports and servers share one telemetry, beside observers and interceptors of their own", async () => {
  const heard: string[] = [];
  const noting =
    (line: string): Interceptor =>
    (next) =>
    (request) => {
      heard.push(line);
      return next(request);
    };
  const { client, spans } = await setUp({
    policy: roundRobin(),
    observer: { onCall: ({ method }) => void heard.push(`observer ${method.split("/")[1]}`) },
    interceptors: [noting("interceptor")],
    attemptInterceptors: [noting("attempt interceptor")],
  });
  await client.update({});
  await spans(3);
  expect(heard).toEqual(["interceptor", "observer Update", "attempt interceptor"]);
});
