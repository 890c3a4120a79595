import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { roundRobin } from "../../src/index.ts";
import { manualClock, scriptedSource } from "../../src/testing/index.ts";
import { balancedClient, inFlight, readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { answerEcho } from "../support/echo-wire.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import type { RawStream } from "../support/raw-connection.ts";
import { type RawHttp2Server, startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

describe.each([1, 10])("a server that allows %i concurrent streams a connection", (maxConcurrentStreams) => {
  it("serves 100 concurrent calls, with a bounded number of connections", async () => {
    const server = use(await startEchoServer({ settings: { maxConcurrentStreams } }));
    const { client } = balancedClient(staticTarget(server), { session: { maxSessionsPerEndpoint: 4 } });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => client.update({ text: `${n}` })));
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, n) => `${n}`));
    expect(server.calls).toHaveLength(100);
    expect(server.acceptedConnections()).toBeLessThanOrEqual(4);
  });

  it("is never sent more than it allows", async () => {
    const held = Promise.withResolvers<void>();
    const server = use(await startEchoServer({ settings: { maxConcurrentStreams }, onCall: () => held.promise }));
    const { client, transport } = await readyClient(staticTarget(server), { session: { maxSessionsPerEndpoint: 2 } });
    const calls = Array.from({ length: 50 }, () => client.update({}));
    await server.until(() => server.calls.length === 2 * maxConcurrentStreams);
    expect(inFlight(transport)).toBe(50);
    expect(transport.inspect().endpoints[0]?.sessions.map(({ streams }) => streams)).toEqual([maxConcurrentStreams, maxConcurrentStreams]);
    expect([server.calls.length, server.acceptedConnections()]).toEqual([2 * maxConcurrentStreams, 2]);
    held.resolve();
    await Promise.all(calls);
    expect(server.calls).toHaveLength(50);
    await eventually(() => inFlight(transport) === 0);
  });
});

it("heeds a limit that is lowered at run time, and one that is raised again", async () => {
  const server = use(await startRawHttp2Server({ settings: { maxConcurrentStreams: 10 } }));
  const { client } = await readyClient(staticTarget(server), { session: { maxSessionsPerEndpoint: 1 } });
  const [connection] = server.connections;
  connection?.sendSettings({ maxConcurrentStreams: 2 });
  await server.until(() => connection?.settingsAcked === 2);
  const calls = Array.from({ length: 6 }, () => client.update({}));
  await server.until(() => server.streams().filter(({ requestEnded }) => requestEnded).length === 2);
  connection?.sendPing();
  await server.until(() => connection?.pingsAcked === 1);
  expect(server.streams()).toHaveLength(2);
  connection?.sendSettings({ maxConcurrentStreams: 10 });
  await server.until(() => server.streams().filter(({ requestEnded }) => requestEnded).length === 6);
  for (const stream of server.streams()) answerEcho(stream, "ok");
  expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(Array.from({ length: 6 }, () => "ok"));
});

it("waits for a server that allows no streams yet, and stops waiting when the caller does", async () => {
  const server = use(
    await startRawHttp2Server({ settings: { maxConcurrentStreams: 0 }, onRequestEnd: (stream) => answerEcho(stream, "at last") }),
  );
  const { client, transport } = balancedClient(staticTarget(server), { session: { maxSessionsPerEndpoint: 1 } });
  const patient = client.update({});
  const impatient = failureOf(client.update({}, { timeoutMs: 50 }));
  expect(await impatient).toMatchObject({ code: Code.DeadlineExceeded });
  await server.until(() => server.connections[0]?.settingsAcked === 1);
  expect(server.streams()).toHaveLength(0);
  server.connections[0]?.sendSettings({ maxConcurrentStreams: 1 });
  expect(await patient).toMatchObject({ text: "at last" });
  await eventually(() => inFlight(transport) === 0);
});

it("a call that is cancelled in the queue never reaches the server", async () => {
  const server = use(await startRawHttp2Server({ settings: { maxConcurrentStreams: 1 } }));
  const { client, transport } = await readyClient(staticTarget(server), { session: { maxSessionsPerEndpoint: 1 } });
  const first = client.update({});
  await server.until(() => server.streams().length === 1);
  const abort = new AbortController();
  const queued = failureOf(client.update({}, { signal: abort.signal }));
  await eventually(() => inFlight(transport) === 2);
  abort.abort();
  expect(await queued).toMatchObject({ code: Code.Canceled });
  expect(inFlight(transport)).toBe(1);
  answerEcho(server.streams()[0] as RawStream, "only one");
  expect(await first).toMatchObject({ text: "only one" });
  expect(server.streams()).toHaveLength(1);
});

it("a server that may still count what we cancelled gets no more than it allows, until an answer shows that it read on", async () => {
  const server = use(await startRawHttp2Server({ settings: { maxConcurrentStreams: 10 } }));
  const { client } = await readyClient(staticTarget(server), { session: { maxSessionsPerEndpoint: 1 }, clock: manualClock() });
  const abort = new AbortController();
  const cancelled = Array.from({ length: 9 }, () => failureOf(client.update({}, { signal: abort.signal })));
  await server.until(() => server.streams().length === 9);
  abort.abort();
  await Promise.all(cancelled);
  await server.until(() => server.streams().every(({ resetCode }) => resetCode !== undefined));

  const calls = Array.from({ length: 10 }, () => client.update({}));
  await server.until(() => server.streams().at(9)?.requestEnded === true);
  server.connections[0]?.sendPing();
  await server.until(() => server.connections[0]?.pingsAcked === 1);
  expect(server.streams()).toHaveLength(10);
  answerEcho(server.streams()[9] as RawStream, "ok");
  await server.until(() => server.streams().filter(({ requestEnded }) => requestEnded).length === 19);
  for (const stream of server.streams().slice(10)) answerEcho(stream, "ok");
  await Promise.all(calls);
});

describe("a call in line at an endpoint that is full", () => {
  /** Each allows one call at a time. */
  async function setUp(count: number) {
    const servers = await Promise.all(
      Array.from({ length: count }, async () => use(await startRawHttp2Server({ settings: { maxConcurrentStreams: 1 } }))),
    );
    const [first, second] = servers as [RawHttp2Server, RawHttp2Server];
    return { servers, first, second, options: { policy: preferring(...servers), session: { maxSessionsPerEndpoint: 1 } } };
  }
  const whole = ({ requestEnded }: RawStream) => requestEnded;
  const answer = (server: RawHttp2Server, text: string) => answerEcho(server.streams().findLast(whole) as RawStream, text);

  it("is made elsewhere at once where there is room", async () => {
    const { servers, first, second, options } = await setUp(2);
    const { client } = await readyClient(staticTarget(...servers), options);
    const calls = [client.update({}), client.update({})];
    await Promise.all(servers.map((server) => server.until(() => server.streams().some(whole))));
    answer(second, "second");
    answer(first, "first");
    expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(["first", "second"]);
  });

  it("is made elsewhere as soon as a call ends there, and the next one after it", async () => {
    const { servers, first, second, options } = await setUp(2);
    const { client, transport } = await readyClient(staticTarget(...servers), options);
    const calls = Array.from({ length: 4 }, () => client.update({}));
    for (const text of ["b", "c", "d"]) {
      await second.until(() => second.streams().filter(whole).length === "bcd".indexOf(text) + 1);
      answer(second, text);
    }
    await eventually(() => inFlight(transport) === 1);
    answer(first, "a");
    expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(["a", "b", "c", "d"]);
  });

  it("is made elsewhere as soon as another endpoint is ready", async () => {
    const { first, second, options } = await setUp(2);
    const source = scriptedSource(endpointsOf(first));
    const { client } = await readyClient(source, options);
    const calls = [client.update({}), client.update({})];
    await first.until(() => first.streams().some(whole));
    source.update(endpointsOf(first, second));
    await second.until(() => second.streams().some(whole));
    answer(second, "second");
    answer(first, "first");
    expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(["first", "second"]);
  });

  it("waits for the endpoint's own sessions as long as there may be more of them", async () => {
    const { servers, first, second, options } = await setUp(2);
    const { client } = await readyClient(staticTarget(...servers), { ...options, session: { maxSessionsPerEndpoint: 2 } });
    const calls = [client.update({}), client.update({})];
    await first.until(() => first.streams().filter(whole).length === 2);
    for (const stream of first.streams()) answerEcho(stream, "first");
    await Promise.all(calls);
    expect(second.streams()).toHaveLength(0);
  });

  it("leaves nothing behind if it is cancelled", async () => {
    const { servers, first, second, options } = await setUp(2);
    const { client, transport } = await readyClient(staticTarget(...servers), { ...options, policy: roundRobin() });
    const calls = [client.update({}), client.update({})];
    await Promise.all(servers.map((server) => server.until(() => server.streams().some(whole))));
    const abort = new AbortController();
    const queued = failureOf(client.update({}, { signal: abort.signal }));
    await eventually(() => inFlight(transport) === 3);
    abort.abort();
    expect(await queued).toMatchObject({ code: Code.Canceled });
    for (const server of [first, second]) answer(server, "ok");
    await Promise.all(calls);
    expect([...first.streams(), ...second.streams()]).toHaveLength(2);
  });
});
