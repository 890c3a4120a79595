import { constants } from "node:http2";
import { Code, ConnectError, createContextKey, createContextValues, type Interceptor } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import type { BalancedTransportOptions } from "../../src/index.ts";
import { readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import { use } from "../support/use.ts";

/** Two servers of which the first refuses each call at once, so that each takes two attempts. */
async function setUp(options: BalancedTransportOptions) {
  const refusing = use(await startEchoServer({ name: "refusing", onCall: (call) => call.reset(constants.NGHTTP2_REFUSED_STREAM) }));
  const good = use(await startEchoServer({ name: "good" }));
  const balanced = await readyClient(staticTarget(refusing, good), { policy: preferring(refusing, good), ...options });
  return { refusing, good, ...balanced };
}

/** Counts the requests that pass, and stamps each with its number. */
function counting(header: string) {
  const seen: string[] = [];
  const interceptor: Interceptor = (next) => (request) => {
    seen.push(request.method.name);
    request.header.append(header, `${seen.length}`);
    return next(request);
  };
  return { seen, interceptor };
}

describe.each(["connect", "grpc", "grpc-web"] as const)("in %s", (protocol) => {
  it("interceptors see one logical call, attempt interceptors each attempt; headers of one attempt stay with it", async () => {
    const call = counting("x-call");
    const attempt = counting("x-attempt");
    const { refusing, good, client } = await setUp({
      protocol,
      interceptors: [call.interceptor],
      attemptInterceptors: [attempt.interceptor],
    });
    await client.update({});
    await collect(client.count({ count: 1 }));
    expect(call.seen).toEqual(["Update", "Count"]);
    expect(attempt.seen).toEqual(["Update", "Update", "Count", "Count"]);
    expect([refusing, good].map(({ calls }) => calls.map(({ headers }) => headers["x-attempt"]))).toEqual([
      ["1", "3"],
      ["2", "4"],
    ]);
    expect(good.calls.map(({ headers }) => headers["x-call"])).toEqual(["1", "2"]);
  });
});

it("both kinds run in the order of their list, the first outermost", async () => {
  const order: string[] = [];
  const named =
    (name: string): Interceptor =>
    (next) =>
    async (request) => {
      order.push(`${name} in`);
      const response = await next(request);
      order.push(`${name} out`);
      return response;
    };
  const good = use(await startEchoServer());
  const { client } = await readyClient(staticTarget(good), {
    interceptors: [named("a"), named("b")],
    attemptInterceptors: [named("c"), named("d")],
  });
  await client.update({});
  expect(order).toEqual(["a in", "b in", "c in", "d in", "d out", "c out", "b out", "a out"]);
});

it("interceptors see context values, the method and a logical URL", async () => {
  const key = createContextKey("nothing");
  const seen: unknown[] = [];
  const good = use(await startEchoServer());
  const { client } = await readyClient(staticTarget(good), {
    authority: "checkout.shop",
    interceptors: [
      (next) => (request) => {
        seen.push(request.contextValues.get(key), request.method.name, request.url);
        return next(request);
      },
    ],
  });
  await client.update({}, { contextValues: createContextValues().set(key, "something") });
  expect(seen).toEqual(["something", "Update", "http://checkout.shop/meshless.testing.v1.EchoService/Update"]);
});

it("an interceptor's own error reaches the caller, and no endpoint is blamed or asked", async () => {
  const { refusing, good, client, transport } = await setUp({
    interceptors: [
      () => async () => {
        throw new ConnectError("not with me", Code.PermissionDenied);
      },
    ],
  });
  expect(await failureOf(client.update({}))).toMatchObject({ code: Code.PermissionDenied, rawMessage: "not with me" });
  expect([...refusing.calls, ...good.calls]).toEqual([]);
  expect(transport.inspect().endpoints.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
});

it("an attempt interceptor's own error reaches the caller, and releases the load", async () => {
  const { refusing, good, client, transport } = await setUp({
    attemptInterceptors: [
      () => async () => {
        throw new ConnectError("not with me", Code.PermissionDenied);
      },
    ],
  });
  expect(await failureOf(client.update({}))).toMatchObject({ code: Code.PermissionDenied, rawMessage: "not with me" });
  expect([...refusing.calls, ...good.calls]).toEqual([]);
  expect(transport.inspect().endpoints.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
});

describe("an attempt that is made again is complete", () => {
  it("compressed as the first one was", async () => {
    const { good, client } = await setUp({ sendCompression: compressionGzip, compressMinBytes: 1 });
    const text = "again and again ".repeat(100);
    expect(await client.update({ text })).toMatchObject({ text });
    expect(good.calls[0]?.headers["content-encoding"]).toBe("gzip");
  });

  it("by GET as the first one was", async () => {
    const { good, client } = await setUp({ useHttpGet: true });
    expect(await client.echo({ text: "a" })).toMatchObject({ text: "a" });
    expect(good.calls[0]?.headers[":method"]).toBe("GET");
  });

  it("with every message of a stream that was sent so far", async () => {
    const { good, client } = await setUp({});
    const requests = async function* () {
      yield { text: "a" };
      yield { text: "b" };
      await good.until(() => good.calls.length === 1);
      yield { text: "c" };
    };
    expect(await client.collect(requests())).toMatchObject({ text: "a b c", messages: 3 });
  });
});
