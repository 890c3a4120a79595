import { Code, type Interceptor } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { inFlight, openStreams, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

async function setUp(interceptor: Interceptor) {
  const server = use(await startEchoServer());
  return { server, ...(await readyClient(staticTarget(server), { attemptInterceptors: [interceptor] })) };
}

const oneAfterTheOther: Interceptor = (next) => async (request) => {
  await next(request);
  return next(request);
};

const atOnce: Interceptor = (next) => async (request) => {
  const [response] = await Promise.all([next(request), next(request)]);
  return response;
};

const error = { code: Code.FailedPrecondition, rawMessage: expect.stringContaining("an attempt interceptor called next twice") };

describe.each([
  ["one after the other", oneAfterTheOther],
  ["at once", atOnce],
])("an attempt interceptor that calls next twice, %s,", (_, interceptor) => {
  it("fails a unary call with a clear error, sends one request, and blames no endpoint", async () => {
    const { server, client, transport } = await setUp(interceptor);
    for (let call = 0; call < 10; call++) expect(await failureOf(client.update({}))).toMatchObject(error);
    await eventually(() => inFlight(transport) === 0 && openStreams(transport) === 0);
    expect(server.calls.length).toBeLessThanOrEqual(10);
    const [endpoint] = transport.inspect().endpoints;
    expect(endpoint).toMatchObject({ ejection: "none", outcomes: { failure: 0 } });
    await transport.close();
  });

  it("fails a stream with a clear error, and releases its load", async () => {
    const { client, transport } = await setUp(interceptor);
    for (let call = 0; call < 10; call++) expect(await failureOf(collect(client.count({ count: 3 })))).toMatchObject(error);
    await eventually(() => inFlight(transport) === 0 && openStreams(transport) === 0);
    expect(transport.inspect().endpoints[0]).toMatchObject({ ejection: "none", outcomes: { failure: 0 } });
    await transport.close();
  });
});

it("an attempt interceptor that swallows the error of its second next returns the first answer", async () => {
  const { client, transport } = await setUp((next) => async (request) => {
    const response = await next(request);
    await next(request).catch(() => {});
    return response;
  });
  expect(await client.update({ text: "a" })).toMatchObject({ text: "a" });
  expect(await collect(client.count({ count: 2 }))).toHaveLength(2);
  await eventually(() => inFlight(transport) === 0 && openStreams(transport) === 0);
});
