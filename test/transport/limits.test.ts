import { Code, createContextValues } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { type BalancedTransportOptions, waitForReady } from "../../src/index.ts";
import { scriptedSource } from "../../src/testing/scripted-source.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { balancedClient, inFlight, readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { failureOf } from "../support/failure-of.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

/** Servers that hold each call until they are told to let it go, and count how many they hold. */
async function setUp(options: BalancedTransportOptions, count = 2) {
  const held: (() => void)[] = [];
  const onCall = () => new Promise<void>((resolve) => held.push(resolve));
  const servers = await Promise.all(Array.from({ length: count }, async (_, n) => use(await startEchoServer({ name: `${n}`, onCall }))));
  const balanced = await readyClient(staticTarget(...servers), options);
  const open = () => servers.map(({ calls }) => calls.filter(({ closed }) => !closed).length);
  const arrived = async (calls: number) => eventually(() => held.length === calls);
  const release = (calls = held.length) => held.splice(0, calls).forEach((go) => go());
  return { servers, open, arrived, release, ...balanced };
}

const begin = <T>(count: number, call: () => Promise<T>) => Array.from({ length: count }, call);

describe("the most calls at once", () => {
  it("are under way over all endpoints; others wait, first come first served, and each gets the place of one that ends", async () => {
    const { client, open, arrived, release, transport } = await setUp({ limits: { maxCalls: 3, pendingTimeoutMs: 20_000 } });
    const order: number[] = [];
    const calls = Array.from({ length: 6 }, async (_, n) => {
      await client.update({});
      order.push(n);
    });
    await arrived(3);
    expect(open().reduce((sum, calls) => sum + calls)).toBe(3);
    expect(inFlight(transport)).toBe(3);
    for (let n = 0; n < 3; n++) {
      release(1);
      await arrived(3);
    }
    release();
    await Promise.all(calls);
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(order.slice(0, 3).every((n) => n < 3 + order.indexOf(n))).toBe(true);
  });

  it("bound those, too, that had to wait for a first session", async () => {
    const held: (() => void)[] = [];
    const server = use(await startEchoServer({ onCall: () => new Promise<void>((resolve) => held.push(resolve)) }));
    const { client } = balancedClient(staticTarget(server), { limits: { maxCalls: 3, pendingTimeoutMs: 20_000 } });
    const calls = begin(12, () => client.update({}));
    for (let left = 12; left > 0; left -= 3) {
      await eventually(() => held.length === 3);
      expect(server.calls.filter(({ closed }) => !closed)).toHaveLength(3);
      held.splice(0).forEach((go) => go());
    }
    await Promise.all(calls);
  });

  it("leave so many waiting, and the next one fails at once and says why", async () => {
    const { client, arrived, release } = await setUp({ limits: { maxCalls: 1, maxPending: 1, pendingTimeoutMs: 20_000 } });
    const served = begin(2, () => client.update({}));
    await arrived(1);
    const rawMessage = expect.stringMatching(
      /^1 calls to static:.* are under way \(limits\.maxCalls\), and 1 wait \(limits\.maxPending\)$/,
    );
    expect(await failureOf(client.echo({}))).toMatchObject({ code: Code.Unavailable, rawMessage });
    release();
    await arrived(1);
    release();
    await Promise.all(served);
  });

  it("let a call wait as long as they say, and within its deadline", async () => {
    const { client, arrived, release } = await setUp({ limits: { maxCalls: 1, pendingTimeoutMs: 60 } });
    const served = client.update({});
    await arrived(1);
    expect(await failureOf(client.update({}))).toMatchObject({
      code: Code.Unavailable,
      rawMessage: expect.stringMatching(/the call waited for 60 ms \(limits\.pendingTimeoutMs\)/),
    });
    expect(await failureOf(client.update({}, { timeoutMs: 20 }))).toMatchObject({ code: Code.DeadlineExceeded });
    release();
    await served;
  });

  it("by endpoint: others are chosen meanwhile, and where all are full, calls wait", async () => {
    const { client, open, arrived, release, transport } = await setUp({ limits: { maxCallsPerEndpoint: 2, pendingTimeoutMs: 20_000 } });
    const calls = begin(5, () => client.update({}));
    await arrived(4);
    expect(open()).toEqual([2, 2]);
    expect(transport.inspect().endpoints.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^full: 2 calls under way/),
      expect.stringMatching(/^full: 2 calls under way/),
    ]);
    release(1);
    await arrived(4);
    expect(open().every((calls) => calls <= 2)).toBe(true);
    release();
    await Promise.all(calls);
    expect(transport.inspect().endpoints.map(({ reason }) => reason)).toEqual(["eligible", "eligible"]);
  });

  it("count streams until they end", async () => {
    const { client, arrived, release, transport } = await setUp({ limits: { maxCalls: 1, maxPending: 0 } });
    const reader = client.count({ count: 1 })[Symbol.asyncIterator]();
    const first = reader.next();
    await arrived(1);
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable });
    release();
    await first;
    await reader.next();
    await eventually(() => inFlight(transport) === 0);
    const next = client.update({});
    await arrived(1);
    release();
    await next;
  });

  it("a transport that closes lets nobody wait on", async () => {
    const { client, arrived, release, transport } = await setUp({ limits: { maxCalls: 1, pendingTimeoutMs: 20_000 } });
    const served = client.update({});
    await arrived(1);
    const failure = failureOf(client.update({}));
    const closed = transport.close();
    expect(await failure).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringMatching(/is closed$/) });
    release();
    await Promise.all([served, closed]);
  });
});

describe("a call that waits until somebody is ready", () => {
  const patient = { contextValues: createContextValues().set(waitForReady, true) };

  it("waits where all endpoints are unreachable, and goes to the first that is back", async () => {
    const gone = await startEchoServer();
    const back = use(await startEchoServer());
    const source = scriptedSource(endpointsOf(gone));
    const { client, transport } = balancedClient(source);
    await transport.ready();
    await gone.kill();
    await eventually(() => transport.inspect().endpoints.every(({ connectivity }) => connectivity === "unreachable"));
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable });
    const waiting = client.update({ text: "patient" }, patient);
    source.update(endpointsOf(back));
    expect(await waiting).toMatchObject({ text: "patient" });
  });

  it("waits for the first endpoints longer than others do", async () => {
    const server = use(await startEchoServer());
    const source = scriptedSource();
    const { client } = balancedClient(source, { endpointsTimeoutMs: 30, methods: [[EchoService.method.update, { waitForReady: true }]] });
    const waiting = client.update({ text: "patient" });
    expect(await failureOf(client.echo({}))).toMatchObject({ code: Code.Unavailable });
    source.update(endpointsOf(server));
    expect(await waiting).toMatchObject({ text: "patient" });
  });

  it("has a deadline all the same, and may be told not to wait where others do", async () => {
    const { client } = balancedClient("static:///127.0.0.1:1", { waitForReady: true });
    expect(await failureOf(client.update({}, { timeoutMs: 60 }))).toMatchObject({ code: Code.DeadlineExceeded });
    const contextValues = createContextValues().set(waitForReady, false);
    expect(await failureOf(client.update({}, { contextValues, timeoutMs: 20_000 }))).toMatchObject({ code: Code.Unavailable });
  });
});

describe("calls that wait for a place at endpoints that are full", () => {
  const limits = { maxCallsPerEndpoint: 1, pendingTimeoutMs: 20_000 };

  it("have one when a lost session is followed by another, though no call ends then", async () => {
    const server = use(await startRawHttp2Server());
    const { client } = await readyClient(staticTarget(server), { limits });
    const calls = begin(2, () => failureOf(client.update({})));
    await server.until(() => server.streams().length === 1);
    server.connections[0]?.socket.destroy();
    await calls[0];
    await server.until(() => server.connections[1]?.streams.length === 1);
    await server.close();
  });

  it("go to an endpoint whose session was closed as it was idle", async () => {
    const { servers, client, transport, arrived, release } = await setUp({ limits, session: { idleConnectionTimeoutMs: 40 } });
    const held = client.update({});
    await arrived(1);
    const [busy] = servers.filter(({ calls }) => calls.length > 0);
    const isIdle = () => transport.inspect().endpoints.some(({ connectivity }) => connectivity === "idle");
    await eventually(isIdle);
    const second = client.update({});
    await arrived(2);
    expect(servers.filter((server) => server !== busy).map(({ calls }) => calls.length)).toEqual([1]);
    release();
    await Promise.all([held, second]);
  });
});
