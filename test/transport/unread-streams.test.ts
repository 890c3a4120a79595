import { Code, ConnectError, createClient as createConnectClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { BalancedTransportOptions } from "../../src/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { inFlight, openStreams, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const maxConcurrentStreams = 2;
const short = { count: 3, behavior: { size: 10_000 } };

/** A server with two places, and connect's own client, whose streams start before anybody reads them. */
async function setUp(options: BalancedTransportOptions = {}) {
  const server = use(await startEchoServer({ settings: { maxConcurrentStreams } }));
  const clock = manualClock();
  const { transport } = await readyClient(staticTarget(server), { session: { maxSessionsPerEndpoint: 1 }, clock, ...options });
  const client = createConnectClient(EchoService, transport);
  const until = (calls: number) => server.until(() => server.calls.filter(({ closed }) => closed).length === calls);
  return { server, clock, transport, client, until };
}

describe.each(["connect", "grpc", "grpc-web"] as const)("a stream that its server has ended and nobody reads, in %s", (protocol) => {
  it("gives its place and its load back, and keeps its messages", async () => {
    const { client, clock, transport, until } = await setUp({ protocol });
    const unread = [];
    for (let n = 1; n <= 5 * maxConcurrentStreams; n++) {
      unread.push(client.count(short));
      await until(n);
    }
    await eventually(() => openStreams(transport) === 0);
    clock.advance(1_000);
    expect(inFlight(transport)).toBe(0);
    expect(await client.update({ text: "room" }, { timeoutMs: 2_000 })).toMatchObject({ text: "room" });
    for (const stream of unread) expect((await collect(stream)).map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it("keeps neither close() waiting nor its connection open, and can be read after both", async () => {
    const { client, transport, server, until } = await setUp({ protocol });
    const unread = client.count(short);
    await until(1);
    await transport.close();
    await server.until(() => server.openConnections() === 0);
    expect(await collect(unread)).toHaveLength(3);
  });

  it("is over though its requests are not", async () => {
    const { client, transport } = await setUp({ protocol });
    const requests = async function* () {
      yield { text: "only one", behavior: { failCode: Code.NotFound } };
      await new Promise(() => {});
    };
    const unread = client.chat(requests());
    await eventually(() => inFlight(transport) === 1);
    await eventually(() => openStreams(transport) === 0);
    expect(await failureOf(collect(unread))).toMatchObject({ code: Code.NotFound });
  });

  it("that fails at its end is a failure of its server, however late that is read", async () => {
    const { client, transport, until } = await setUp({ protocol });
    const unread = client.count({ ...short, behavior: { ...short.behavior, failAfter: 2, failCode: Code.Unavailable } });
    await until(1);
    await eventually(() => openStreams(transport) === 0);
    expect(await failureOf(collect(unread))).toMatchObject({ code: Code.Unavailable });
    expect(transport.inspect().endpoints[0]?.outcomes).toMatchObject({ failure: 1 });
  });
});

it("a stream that is cancelled before it is read says so, though all of it has come", async () => {
  const { client, transport, until } = await setUp();
  const abort = new AbortController();
  const unread = client.count(short, { signal: abort.signal });
  await until(1);
  await eventually(() => openStreams(transport) === 0);
  abort.abort(new ConnectError("enough", Code.Canceled));
  expect(await failureOf(collect(unread))).toMatchObject({ code: Code.Canceled });
  expect(inFlight(transport)).toBe(0);
});
