import { constants } from "node:http2";
import { Code, createContextKey, createContextValues, type Interceptor } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { type AttemptInfo, attemptInfo } from "../../src/index.ts";
import { scriptedSource, testEndpoint } from "../../src/testing/index.ts";
import { readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { preferring } from "../support/preferring.ts";
import { use } from "../support/use.ts";

/** Notes what each request that passes says of its attempt. */
function noting() {
  const seen: (AttemptInfo | undefined)[] = [];
  const interceptor: Interceptor = (next) => (request) => {
    seen.push(request.contextValues.get(attemptInfo));
    return next(request);
  };
  return { seen, interceptor };
}

async function setUp(protocol: "connect" | "grpc" | "grpc-web" = "connect") {
  const refusing = use(await startEchoServer({ name: "refusing", onCall: (call) => call.reset(constants.NGHTTP2_REFUSED_STREAM) }));
  const good = use(await startEchoServer({ name: "good" }));
  const [call, attempt] = [noting(), noting()];
  const balanced = await readyClient(staticTarget(refusing, good), {
    protocol,
    policy: preferring(refusing, good),
    interceptors: [call.interceptor],
    attemptInterceptors: [attempt.interceptor],
  });
  return { refusing, good, call, attempt, ...balanced };
}

it.each(["connect", "grpc", "grpc-web"] as const)(
  "attempt interceptors know the endpoint, the number and why there is another attempt, in %s",
  async (protocol) => {
    const { refusing, good, attempt, client } = await setUp(protocol);
    await client.update({});
    await collect(client.count({ count: 1 }));
    const first = { endpoint: { address: "127.0.0.1", port: refusing.port }, number: 1, repeatReason: undefined };
    const error = { code: Code.Unavailable, rawMessage: `${refusing.address} reset the stream before a response (REFUSED_STREAM)` };
    const second = { endpoint: { address: "127.0.0.1", port: good.port }, number: 2, repeatReason: { kind: "refused", error } };
    expect(attempt.seen).toMatchObject([first, second, first, second]);
  },
);

it("the endpoint is the one that the source gave, with its id, zone and labels", async () => {
  const { port } = use(await startEchoServer());
  const endpoint = testEndpoint({ id: "pod-7", port, locality: { region: "eu", zone: "eu-1" }, labels: { track: "canary" } });
  const { seen, interceptor } = noting();
  const { client } = await readyClient(scriptedSource([endpoint]), { attemptInterceptors: [interceptor] });
  await client.update({});
  expect(seen).toEqual([{ endpoint, number: 1, repeatReason: undefined }]);
});

it("interceptors, which see one call, know of no attempt", async () => {
  const { call, client } = await setUp();
  await client.update({});
  expect(call.seen).toEqual([undefined]);
});

it("what an attempt interceptor sets, takes back or hands on is the call's", async () => {
  const server = use(await startEchoServer());
  const [servedBy, secret] = [createContextKey("nobody"), createContextKey("")];
  const { client } = await readyClient(staticTarget(server), {
    attemptInterceptors: [
      (next) => (request) => {
        const { port } = request.contextValues.get(attemptInfo)?.endpoint ?? {};
        request.contextValues.set(servedBy, `${request.contextValues.get(secret)} ${port}`).delete(secret);
        return next(request);
      },
    ],
  });
  const contextValues = createContextValues().set(secret, "told");
  await client.update({}, { contextValues });
  expect([contextValues.get(servedBy), contextValues.get(secret)]).toEqual([`told ${server.port}`, ""]);
});
