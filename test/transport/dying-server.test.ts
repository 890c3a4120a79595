import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect, sending } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { beginCount } from "../support/echo-wire.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import type { RawConnection } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const deaths = [
  ["a TCP reset", (connection: RawConnection) => connection.reset()],
  ["a FIN", (connection: RawConnection) => connection.end()],
] as const;

describe.each(["connect", "grpc", "grpc-web"] as const)("a server that is killed while it works on calls, in %s", (protocol) => {
  async function setUp() {
    const held = Promise.withResolvers<void>();
    const dying = use(await startEchoServer({ name: "dying", onCall: () => held.promise }));
    const living = use(await startEchoServer({ name: "living" }));
    const balanced = await readyClient(staticTarget(dying, living), { protocol, policy: preferring(dying, living) });
    return { dying, living, held, ...balanced };
  }

  it("idempotent calls are made again elsewhere, once each; others fail as unavailable", async () => {
    const { dying, living, held, client, transport } = await setUp();
    const safe = [1, 2, 3].map((n) => client.echo({ text: `${n}` }));
    const unsafe = [failureOf(client.update({})), failureOf(collect(client.count({ count: 1 }))), failureOf(client.collect(sending({})))];
    await dying.until(() => dying.calls.length === 6);
    await dying.kill();
    expect((await Promise.all(safe)).map(({ server }) => server?.name)).toEqual(["living", "living", "living"]);
    expect((await Promise.all(unsafe)).map(({ code }) => code)).toEqual([Code.Unavailable, Code.Unavailable, Code.Unavailable]);
    expect(living.calls).toHaveLength(3);
    await eventually(() => inFlight(transport) === 0);
    held.resolve();
  });

  it("calls that come after go to the others, and none fails", async () => {
    const { dying, living, held, client, transport } = await setUp();
    await dying.kill();
    await eventually(() => transport.inspect().endpoints.some(({ connectivity }) => connectivity === "unreachable"));
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.update({})));
    expect(answers.map(({ server }) => server?.name)).toEqual(Array.from({ length: 20 }, () => "living"));
    expect([dying.calls.length, living.calls.length]).toEqual([0, 20]);
    held.resolve();
  });
});

describe.each(deaths)("a connection that ends by %s", (_how, die) => {
  it("after the headers of a stream: what came is delivered, then the call fails once", async () => {
    const dying = use(
      await startRawHttp2Server({
        onRequestEnd: (stream) => beginCount(stream, 2),
      }),
    );
    const living = use(await startEchoServer());
    const { client, transport } = await readyClient(staticTarget(dying, living), { policy: preferring(dying, living) });
    const numbers: number[] = [];
    const reading = (async () => {
      for await (const { number } of client.count({ count: 5 })) {
        numbers.push(number);
        if (number === 2) for (const connection of dying.connections) die(connection);
      }
    })();
    expect(await failureOf(reading)).toMatchObject({ code: Code.Unavailable });
    expect([numbers, living.calls.length]).toEqual([[1, 2], 0]);
    await eventually(() => inFlight(transport) === 0);
  });

  it("in the middle of a unary answer: fails once, even where the bytes so far would parse", async () => {
    const dying = use(
      await startRawHttp2Server({
        onRequestEnd(stream) {
          stream.sendHeaders({ ":status": "200", "content-type": "application/proto" });
          stream.sendData(Buffer.from([0x0a, 1, 0x61]));
          die(stream.connection);
        },
      }),
    );
    const living = use(await startEchoServer());
    const { client } = await readyClient(staticTarget(dying, living), { policy: preferring(dying, living) });
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable });
    expect([dying.streams().length, living.calls.length]).toEqual([1, 0]);
  });
});

it("a connection that is cut in the middle of a large answer fails the call once", async () => {
  const server = use(await startEchoServer());
  const proxy = use(await startTcpProxy(server.port));
  const living = use(await startEchoServer());
  const { client } = await readyClient(staticTarget(proxy, living), { policy: preferring(proxy, living), acceptCompression: [] });
  proxy.limitData(50_000);
  expect(await failureOf(client.update({ behavior: { size: 200_000 } }))).toMatchObject({ code: Code.Unavailable });
  expect([server.calls.length, living.calls.length]).toEqual([1, 0]);
});

it("the only server dies and comes back: calls fail as unavailable, then succeed again", async () => {
  const first = await startEchoServer();
  const { client, transport } = await readyClient(staticTarget(first));
  await first.kill();
  expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining(first.address) });
  const second = use(await startEchoServer({ port: first.port }));
  await transport.ready();
  expect(await client.update({ text: "back" })).toMatchObject({ text: "back" });
  expect(second.calls).toHaveLength(1);
  await transport.close();
});
