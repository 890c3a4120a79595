import { constants } from "node:http2";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { balancedClient, inFlight, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import type { RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const { NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

const ways = [
  ["REFUSED_STREAM", (stream: RawStream) => stream.sendReset(NGHTTP2_REFUSED_STREAM)],
  ["GOAWAY", (stream: RawStream) => stream.connection.sendGoaway(0, NGHTTP2_NO_ERROR)],
] as const;

describe.each(ways)("where all of 12 servers turn each call away by %s", (how, refuse) => {
  async function setUp() {
    const servers = await Promise.all(Array.from({ length: 12 }, () => startRawHttp2Server({ onRequestEnd: refuse })));
    for (const server of servers) use(server);
    return { ...(await readyClient(staticTarget(...servers))), streams: () => servers.flatMap((server) => server.streams()).length };
  }

  it("a call makes three streams, then fails and says how often it was refused and what to do", async () => {
    const { client, transport, streams } = await setUp();
    const error = await failureOf(client.update({}));
    expect(streams()).toBe(3);
    expect(error).toMatchObject({
      code: Code.Unavailable,
      rawMessage: expect.stringMatching(new RegExp(`refused 3 times .*\\(${how}\\).*add capacity, or call again later`)),
    });
    await eventually(() => inFlight(transport) === 0);
  });

  it("calls of every kind make no more than three streams each", async () => {
    const { client, transport, streams } = await setUp();
    await Promise.all([
      failureOf(client.echo({})),
      failureOf(client.update({})),
      failureOf(collect(client.count({ count: 1 }))),
      failureOf(collect(client.count({ count: 1 }))),
    ]);
    expect(streams()).toBeLessThanOrEqual(12);
    await eventually(() => inFlight(transport) === 0);
  });
});

it("endpoints that can't be reached are walked past, however many they are", async () => {
  const dead = await Promise.all(Array.from({ length: 12 }, deadAddress));
  const living = use(await startEchoServer({ name: "living" }));
  const { client } = balancedClient(staticTarget(...dead, living));
  expect(await client.update({})).toMatchObject({ server: { name: "living" } });
  expect(living.calls).toHaveLength(1);
});

/** Somebody listened there, and does not any more. */
async function deadAddress() {
  const server = await startEchoServer();
  await server.kill();
  return server;
}
