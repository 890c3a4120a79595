import { constants } from "node:http2";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { balancedClient, inFlight, readyClient } from "../support/balanced-client.ts";
import { startEchoFleet, staticTarget } from "../support/echo-fleet.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";
import { answerEcho } from "../support/echo-wire.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import type { RawConnection, RawScript, RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const { NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_ENHANCE_YOUR_CALM } = constants;

/** A raw server that is preferred and leaves calls unanswered, a good one beside it, and a client that has a session to each. */
async function setUp(script: RawScript = {}) {
  const leaving = use(await startRawHttp2Server(script));
  const staying = use(await startEchoServer({ name: "staying" }));
  const balanced = await readyClient(staticTarget(leaving, staying), { policy: preferring(leaving, staying) });
  return { leaving, staying, ...balanced };
}

describe("GOAWAY on an idle connection", () => {
  it.each([
    ["graceful", NGHTTP2_NO_ERROR],
    ["with an error", NGHTTP2_ENHANCE_YOUR_CALM],
  ])("%s: the next call goes out on a new one", async (_how, code) => {
    const server = use(await startRawHttp2Server({ onRequestEnd: (stream) => answerEcho(stream, "hi") }));
    const { client, transport } = balancedClient(staticTarget(server));
    await client.echo({});
    const [first] = server.connections;
    first?.sendGoaway(1, code);
    await server.until(() => first?.closed === true);
    expect(await client.echo({})).toMatchObject({ text: "hi" });
    expect(server.connections.map(({ streams }) => streams.length)).toEqual([1, 1]);
    await eventually(() => inFlight(transport) === 0);
  });

  it("that never carried a call: the call that comes next is served", async () => {
    const server = use(await startRawHttp2Server({ onRequestEnd: (stream) => answerEcho(stream, "hi") }));
    const { client } = await readyClient(staticTarget(server));
    const [first] = server.connections;
    first?.sendGoaway(0, NGHTTP2_NO_ERROR);
    await server.until(() => first?.closed === true);
    expect(await client.update({})).toMatchObject({ text: "hi" });
    expect(first?.streams).toHaveLength(0);
  });

  it("does not disturb calls to other endpoints", async () => {
    const { leaving, staying, client } = await setUp();
    leaving.connections[0]?.sendGoaway(0, NGHTTP2_INTERNAL_ERROR);
    leaving.connections[0]?.end();
    await leaving.until(() => leaving.connections[0]?.closed === true);
    await leaving.close();
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.update({})));
    expect(answers.map(({ server }) => server?.name)).toEqual(Array.from({ length: 20 }, () => "staying"));
    expect(staying.calls).toHaveLength(20);
  });
});

describe("GOAWAY with calls in flight", () => {
  it("lets those up to the last stream id end, and makes those above it elsewhere, exactly once", async () => {
    const { leaving, staying, client, transport } = await setUp();
    const calls = [1, 2, 3, 4].map((n) => client.update({ text: `call ${n}` }));
    await leaving.until(() => leaving.streams().filter(({ requestEnded }) => requestEnded).length === 4);
    const [first, second] = leaving.streams() as [RawStream, RawStream];
    leaving.connections[0]?.sendGoaway(second.id, NGHTTP2_NO_ERROR);
    await staying.until(() => staying.calls.length === 2);
    answerEcho(first, "kept 1");
    answerEcho(second, "kept 2");
    const texts = (await Promise.all(calls)).map(({ text }) => text);
    expect(texts.sort()).toEqual(["call 3", "call 4", "kept 1", "kept 2"]);
    expect([leaving.streams().length, staying.calls.length]).toEqual([4, 2]);
    await eventually(() => inFlight(transport) === 0);
  });

  it("on the only endpoint: a call above the last stream id is made again on a new connection", async () => {
    const server = use(await startRawHttp2Server());
    const { client } = await readyClient(staticTarget(server));
    const call = client.update({});
    await server.until(() => server.streams()[0]?.requestEnded === true);
    server.connections[0]?.sendGoaway(0, NGHTTP2_NO_ERROR);
    await Promise.race([call, server.until(() => server.streams()[1]?.requestEnded === true)]);
    answerEcho(server.streams()[1] as RawStream, "second time");
    expect(await call).toMatchObject({ text: "second time" });
    expect(server.connections.map(({ streams }) => streams.length)).toEqual([1, 1]);
  });

  it("in two phases, as draining servers send it: no call is lost", async () => {
    const { leaving, client } = await setUp({
      onRequestEnd(stream) {
        if (leaving.connections.indexOf(stream.connection) > 0) answerEcho(stream, "late");
      },
    });
    const early = client.update({ text: "early" });
    await leaving.until(() => leaving.streams()[0]?.requestEnded === true);
    const [connection] = leaving.connections;
    connection?.sendGoaway(2 ** 31 - 1, NGHTTP2_NO_ERROR);
    connection?.sendPing();
    await leaving.until(() => connection?.pingsAcked === 1);
    expect(await client.update({ text: "late" })).toMatchObject({ text: "late" });
    expect(connection?.streams).toHaveLength(1);
    connection?.sendGoaway(1, NGHTTP2_NO_ERROR);
    answerEcho(leaving.streams()[0] as RawStream, "early");
    expect(await early).toMatchObject({ text: "early" });
    expect(connection?.streams).toHaveLength(1);
  });

  it("in two phases: a call that all servers refuse between them is made again", async () => {
    const script: RawScript = {
      onHeaders({ connection }) {
        if (isFirst(connection)) connection.sendGoaway(2 ** 31 - 1, NGHTTP2_NO_ERROR);
      },
      onRequestEnd(stream) {
        if (isFirst(stream.connection)) stream.sendReset(NGHTTP2_REFUSED_STREAM);
        else answerEcho(stream, "new connection");
      },
    };
    const servers = [use(await startRawHttp2Server(script)), use(await startRawHttp2Server(script))];
    const isFirst = (connection: RawConnection) => servers.some(({ connections }) => connections[0] === connection);
    const { client } = await readyClient(staticTarget(...servers));
    expect(await client.update({})).toMatchObject({ text: "new connection" });
    expect(servers.flatMap(({ connections }) => connections[0]?.streams)).toHaveLength(2);
  });

  it("with an error code: what may have been processed is made again only if that is safe", async () => {
    const { leaving, staying, client } = await setUp();
    const safe = client.echo({ text: "safe" });
    const unsafe = failureOf(client.update({ text: "unsafe" }));
    await leaving.until(() => leaving.streams().filter(({ requestEnded }) => requestEnded).length === 2);
    leaving.connections[0]?.sendGoaway(3, NGHTTP2_INTERNAL_ERROR);
    expect(await safe).toMatchObject({ text: "safe", server: { name: "staying" } });
    expect(await unsafe).toMatchObject({ code: Code.Unavailable });
    expect([leaving.streams().length, staying.calls.length]).toEqual([2, 1]);
  });

  it("with an error code: what was not processed is made again, whatever the method", async () => {
    const { leaving, staying, client } = await setUp();
    const call = client.update({ text: "again" });
    await leaving.until(() => leaving.streams()[0]?.requestEnded === true);
    leaving.connections[0]?.sendGoaway(0, NGHTTP2_ENHANCE_YOUR_CALM);
    expect(await call).toMatchObject({ text: "again", server: { name: "staying" } });
    expect(staying.calls).toHaveLength(1);
  });
});

it("a stock server that closes its sessions again and again while it is called loses no call", async () => {
  const fleet = use(await startEchoFleet(2));
  const [draining] = fleet.servers as [EchoServer, EchoServer];
  const { client } = await readyClient(fleet.target);
  let left = 600;
  const worker = async () => {
    while (left-- > 0) {
      if (left % 100 === 0) draining.drain();
      await client.update({});
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  expect(fleet.attempts().reduce((sum, count) => sum + count, 0)).toBe(600);
  expect(draining.acceptedConnections()).toBeGreaterThan(1);
});

it("stock servers that all close their sessions at once, again and again, lose no call", async () => {
  const fleet = use(await startEchoFleet(3));
  const { client } = await readyClient(fleet.target);
  let left = 1_000;
  const worker = async () => {
    while (left-- > 0) {
      if (left % 100 === 0) for (const server of fleet.servers) server.drain();
      await client.update({});
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  expect(fleet.attempts().reduce((sum, count) => sum + count, 0)).toBe(1_000);
});

it("survives a storm: each connection leaves after five calls, and none of 100 is lost", async () => {
  // By requests, not by streams that were opened: of two that come together, each sees both.
  const requests = new Map<unknown, number>();
  const server = use(
    await startRawHttp2Server({
      onRequestEnd(stream) {
        const number = (requests.get(stream.connection) ?? 0) + 1;
        requests.set(stream.connection, number);
        if (number <= 5) answerEcho(stream, "hi");
        if (number === 5) stream.connection.sendGoaway(stream.id, NGHTTP2_NO_ERROR);
      },
    }),
  );
  const other = use(await startEchoServer());
  const { client } = balancedClient(staticTarget(server, other));
  const worker = async () => {
    for (let n = 0; n < 20; n++) await client.update({});
  };
  await Promise.all([worker(), worker(), worker(), worker(), worker()]);
  expect(server.connections.length).toBeGreaterThan(1);
});
