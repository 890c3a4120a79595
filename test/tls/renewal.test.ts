import { once } from "node:events";
import { expect, it } from "vitest";
import type { Endpoint } from "../../src/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { createDial } from "../../src/transport/sessions/dial.ts";
import type { Session } from "../../src/transport/sessions/session.ts";
import { resolveSessionOptions } from "../../src/transport/sessions/session-options.ts";
import type { SessionPool } from "../../src/transport/sessions/session-pool.ts";
import { SessionPools } from "../../src/transport/sessions/session-pools.ts";
import { type EchoServer, type EchoServerOptions, startEchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

/** Pools of real sessions in virtual time, where chance is a list. */
async function openPools(endpoints: readonly Endpoint[], chances: readonly number[] = []) {
  const clock = manualClock();
  const events: string[] = [];
  const left = [...chances];
  const tell = (event: string) => void events.push(event);
  const names = new Map(endpoints.map(({ id }, index) => [id, `e${index}`]));
  const pools = new SessionPools(
    {
      clock,
      random: () => left.shift() ?? 0,
      dial: createDial({ credentials: undefined, serverName: undefined }),
      options: resolveSessionOptions({ connectTimeoutMs: 1e9, idleConnectionTimeoutMs: 0, pingIntervalMs: 0 }),
    },
    {
      onConnectivity: ({ id }, connectivity) => tell(`${names.get(id)} ${connectivity}`),
      onSessionOpened: ({ id }) => tell(`${names.get(id)} opened`),
      onSessionClosed: ({ id }, reason) => tell(`${names.get(id)} closed: ${reason}`),
      onRenewalFailed: ({ id }) => tell(`${names.get(id)} failed`),
    },
  );
  pools.update(endpoints);
  use({ [Symbol.asyncDispose]: async () => pools.destroyAll("the test is over") });
  const all = () => endpoints.map(({ id }) => pools.get(id) as SessionPool);
  await eventually(() => all().every((pool) => pool.isOpen));
  events.length = 0;
  return { pools, clock, events, all };
}

async function setUp(options: EchoServerOptions = {}) {
  const server = use(await startEchoServer(options));
  const opened = await openPools(endpointsOf(server));
  return { server, ...opened, pool: opened.all()[0] as SessionPool };
}

function closed(events: readonly string[]): number {
  return events.filter((event) => event.includes("closed")).length;
}

it("opens a successor first, and retires the old session once it is open", async () => {
  const { pools, clock, events, pool } = await setUp();
  const old = pool.sessions[0];
  pools.renew("renewed");
  expect(pool.sessions).toEqual([old]);
  clock.advance(0);
  expect(pool.sessions.map(({ phase }) => phase)).toEqual(["open", "connecting"]);
  expect(pool.take()).toBe(old);
  old?.release();
  await eventually(() => closed(events) === 1);
  expect(events).toEqual(["e0 opened", "e0 closed: renewed"]);
  expect(pool.sessions.map(({ phase }) => phase)).toEqual(["open"]);
  expect(pool.sessions[0]).not.toBe(old);
});

it("lets a stream on the old session go on, while new ones go to the successor", async () => {
  const { pools, clock, events, pool } = await setUp();
  const old = pool.take() as Session;
  pools.renew("renewed");
  clock.advance(0);
  await eventually(() => old.phase === "draining");
  expect(pool.take()).toBe(pool.sessions[1]);
  // The place was taken before the renewal; interceptors may take their time until they use it.
  const stream = old.request([":path", "/unknown"], true);
  const [response] = await once(stream, "response");
  expect(response).toMatchObject({ ":status": 404 });
  stream.resume();
  await once(stream, "close");
  expect(closed(events)).toBe(0);
  old.release();
  await eventually(() => closed(events) === 1);
  pool.sessions[0]?.release();
});

it("replaces busy sessions one by one, and idle ones all at once by the first", async () => {
  const { server, pools, clock, events, pool } = await setUp({ settings: { maxConcurrentStreams: 1 } });
  const signal = new AbortController().signal;
  const old = [pool.take()];
  for (let n = 0; n < 3; n++) old.push(await pool.wait(signal));
  for (const session of old.slice(2)) session?.release();
  expect(server.acceptedConnections()).toBe(4);
  events.length = 0;
  pools.renew("renewed");
  clock.advance(0);
  await eventually(() => old[1]?.phase === "draining");
  expect(events).toEqual(["e0 opened", "e0 closed: renewed", "e0 closed: renewed", "e0 opened"]);
  expect(server.acceptedConnections()).toBe(6);
  for (const session of old.slice(0, 2)) session?.release();
  await eventually(() => closed(events) === 4);
  expect(pool.sessions.map(({ phase }) => phase)).toEqual(["open", "open"]);
});

it("spreads the endpoints over 10 s", async () => {
  const servers: EchoServer[] = [];
  for (let n = 0; n < 4; n++) servers.push(use(await startEchoServer()));
  const { pools, clock, events } = await openPools(endpointsOf(...servers), [0.5, 0, 0.999, 0.25]);
  const accepted = () => servers.map((server) => server.acceptedConnections());
  pools.renew("renewed");
  const order: number[] = [];
  for (let second = 0; second < 10; second++) {
    const before = events.length;
    clock.advance(second === 0 ? 0 : 1_000);
    if ([0, 3, 5].includes(second)) await eventually(() => closed(events.slice(before)) === 1);
    order.push(accepted().reduce((sum, count) => sum + count, 0) - 4);
  }
  expect(order).toEqual([1, 1, 1, 2, 2, 3, 3, 3, 3, 3]);
  clock.advance(1_000);
  await eventually(() => closed(events) === 4);
  expect(accepted()).toEqual([2, 2, 2, 2]);
});

it("keeps the old session while no successor can be made, tells once, and goes on trying", async () => {
  const server = use(await startEchoServer());
  const proxy = use(await startTcpProxy(server.port));
  const { pools, clock, events, all } = await openPools(endpointsOf(proxy));
  const [pool] = all() as [SessionPool];
  const [old] = pool.sessions as [Session];
  proxy.limitData(0);
  pools.renew("renewed");
  clock.advance(0);
  await eventually(() => closed(events) === 1);
  clock.advance(1_000);
  await eventually(() => closed(events) === 2);
  expect(events.filter((event) => !event.includes("closed"))).toEqual(["e0 failed"]);
  expect([old.phase, pool.isOpen, pool.lastFailure]).toEqual(["open", true, undefined]);
  proxy.limitData(Number.POSITIVE_INFINITY);
  clock.advance(15_000);
  await eventually(() => closed(events) === 3);
  expect(events.slice(-2)).toEqual(["e0 opened", "e0 closed: renewed"]);
});

it("a second renewal during the first replaces what the first has made", async () => {
  const { server, pools, clock, events, pool } = await setUp();
  pools.renew("first");
  clock.advance(0);
  pools.renew("second");
  clock.advance(0);
  await eventually(() => closed(events) === 2);
  expect(pool.sessions.map(({ phase }) => phase)).toEqual(["open"]);
  expect(server.acceptedConnections()).toBe(3);
});

it("an endpoint without a session needs none, and one that departs is left alone", async () => {
  const { server, pools, clock, events, pool } = await setUp();
  pool.sessions[0]?.retire("idle");
  await eventually(() => closed(events) === 1 && clock.pending === 0);
  pools.renew("renewed");
  expect(clock.pending).toBe(0);
  pools.renew("again");
  pools.update([]);
  clock.advance(60_000);
  expect(server.acceptedConnections()).toBe(1);
});
