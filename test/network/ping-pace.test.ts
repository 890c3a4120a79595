import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { createBalancedTransport, type SessionOptions } from "../../src/index.ts";
import { type ManualClock, manualClock } from "../../src/testing/index.ts";
import { ResetCode } from "../../src/transport/sessions/reset-code.ts";
import { inFlight, openStreams, readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { answerEcho } from "../support/echo-wire.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import type { RawConnection } from "../support/raw-connection.ts";
import { type RawHttp2Server, startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { sessionEnds } from "./session-ends.ts";

/** By default. */
const pingIntervalMs = 30_000;
/** gRPC's own minimum for servers. */
const slowIntervalMs = 300_000;
const complaint = 'the server sent GOAWAY (ENHANCE_YOUR_CALM, "too_many_pings")';

/** A round trip: what the client sent before it is here, and the client has read what we sent before it. */
async function roundTrip(raw: RawHttp2Server, connection: RawConnection): Promise<void> {
  const acked = connection.pingsAcked;
  connection.sendPing();
  await raw.until(() => connection.pingsAcked > acked);
}

/** Lets time pass, and tells how many pings came meanwhile on a connection. Their answers have arrived. */
async function pingsWithin(delayMs: number, clock: ManualClock, raw: RawHttp2Server, connection: RawConnection): Promise<number> {
  const before = connection.pingsReceived;
  clock.advance(delayMs);
  await roundTrip(raw, connection);
  await roundTrip(raw, connection);
  return connection.pingsReceived - before;
}

/** The client's nth connection, once it is in use. */
async function connectionOf(raw: RawHttp2Server, nth: number): Promise<RawConnection> {
  await raw.until(() => (raw.connections[nth - 1]?.settingsAcked ?? 0) > 0);
  return raw.connections[nth - 1] as RawConnection;
}

describe("too_many_pings", () => {
  /** Complains as grpc-go does: with the last stream that it took, and by closing the connection. */
  function complain(connection: RawConnection, lastStreamId: number): void {
    connection.sendGoaway(lastStreamId, ResetCode.ENHANCE_YOUR_CALM, "too_many_pings");
    connection.end();
  }

  it("replaces the session; what the server did not take is sent again, whatever it is", async () => {
    const clock = manualClock();
    const raw = use(
      await startRawHttp2Server({ onRequestEnd: (stream) => stream.connection === raw.connections[1] && answerEcho(stream, "again") }),
    );
    const { client, transport } = await readyClient(staticTarget(raw), { clock });
    const ends = sessionEnds(transport);
    const call = client.update({});
    await raw.until(() => raw.streams().some(({ requestEnded }) => requestEnded));
    const first = await connectionOf(raw, 1);
    expect(await pingsWithin(pingIntervalMs, clock, raw, first)).toBe(1);
    complain(first, 0);
    await raw.until(() => first.closed);
    clock.advance(0);
    expect(await call).toMatchObject({ text: "again" });
    expect(ends).toEqual([complaint]);
    expect(raw.connections).toHaveLength(2);
  });

  it("of a server that took the calls: the idempotent one goes elsewhere, the other fails and says why", async () => {
    const clock = manualClock();
    const raw = use(await startRawHttp2Server());
    const good = use(await startEchoServer({ name: "good" }));
    const { client } = await readyClient(staticTarget(raw, good), { clock, policy: preferring(raw, good) });
    const safe = client.echo({});
    const unsafe = failureOf(client.update({}));
    await raw.until(() => raw.streams().length === 2);
    const first = await connectionOf(raw, 1);
    expect(await pingsWithin(pingIntervalMs, clock, raw, first)).toBe(1);
    complain(first, Math.max(...raw.streams().map(({ id }) => id)));
    expect(await unsafe).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining(complaint) });
    expect(await safe).toMatchObject({ server: { name: "good" } });
    expect(good.calls.map(({ method }) => method)).toEqual(["Echo"]);
  });

  it("slows pings down to 5 minutes, then to half the pace each time", async () => {
    const clock = manualClock();
    const raw = use(await startRawHttp2Server());
    const { client } = await readyClient(staticTarget(raw), { clock });
    let expectedMs = pingIntervalMs;
    for (const nextMs of [slowIntervalMs, 2 * slowIntervalMs, 4 * slowIntervalMs]) {
      const round = raw.connections.length;
      const connection = await connectionOf(raw, round);
      const call = failureOf(client.update({}));
      await raw.until(() => connection.streams.length === 1);
      expect(await pingsWithin(expectedMs - 1, clock, raw, connection)).toBe(0);
      expect(await pingsWithin(1, clock, raw, connection)).toBe(1);
      complain(connection, 1);
      expect(await call).toMatchObject({ code: Code.Unavailable });
      await connectionOf(raw, round + 1);
      expectedMs = nextMs;
    }
  });

  it("of one endpoint leaves the pings to others as they are", async () => {
    const clock = manualClock();
    const [strict, other] = [use(await startRawHttp2Server()), use(await startRawHttp2Server())];
    const { client } = await readyClient(staticTarget(strict, other), { clock, policy: preferring(strict, other) });
    const complained = await connectionOf(strict, 1);
    const unsafe = failureOf(client.update({}));
    await strict.until(() => strict.streams().length === 1);
    expect(await pingsWithin(pingIntervalMs, clock, strict, complained)).toBe(1);
    const stop = new AbortController();
    const safe = failureOf(client.echo({}, { signal: stop.signal }));
    await strict.until(() => strict.streams().length === 2);
    complain(complained, 3);
    expect(await unsafe).toMatchObject({ rawMessage: expect.stringContaining(complaint) });
    await other.until(() => other.streams().length === 1);
    const spared = await connectionOf(other, 1);
    expect(await pingsWithin(pingIntervalMs, clock, other, spared)).toBe(1);
    expect(await pingsWithin(pingIntervalMs - 1, clock, other, spared)).toBe(0);
    expect(await pingsWithin(1, clock, other, spared)).toBe(1);
    stop.abort();
    await safe;
  });
});

describe("an idle session", () => {
  async function pingsInTenRounds(session: Partial<SessionOptions>): Promise<number> {
    const clock = manualClock();
    const raw = use(await startRawHttp2Server({ onRequestEnd: (stream) => answerEcho(stream, "hello") }));
    const { client, transport } = await readyClient(staticTarget(raw), { clock, session });
    await client.update({});
    await eventually(() => openStreams(transport) === 0);
    const connection = await connectionOf(raw, 1);
    let pings = 0;
    for (let round = 0; round < 10; round++) pings += await pingsWithin(pingIntervalMs, clock, raw, connection);
    expect(raw.connections).toEqual([connection]);
    return pings;
  }

  it("is not pinged by default", async () => {
    expect(await pingsInTenRounds({})).toBe(0);
  });

  it("is pinged at each interval with pingIdleConnection", async () => {
    expect(await pingsInTenRounds({ pingIdleConnection: true })).toBe(10);
  });

  it("is pinged once when a call wakes it after a silence longer than the interval, and not after a shorter one", async () => {
    const clock = manualClock();
    const raw = use(await startRawHttp2Server({ onRequestEnd: (stream) => answerEcho(stream, "hello") }));
    const { client, transport } = await readyClient(staticTarget(raw), { clock });
    const connection = await connectionOf(raw, 1);
    const pingsOfCallAfter = async (silenceMs: number) => {
      clock.advance(silenceMs);
      const call = client.update({});
      const pings = await pingsWithin(0, clock, raw, connection);
      await call;
      await eventually(() => inFlight(transport) === 0);
      return pings;
    };
    expect(await pingsOfCallAfter(pingIntervalMs)).toBe(0);
    expect(await pingsOfCallAfter(pingIntervalMs + 1)).toBe(1);
    expect(await pingsOfCallAfter(1)).toBe(0);
  });
});

it("a control plane that has complained is not pinged too often by the next stream, though that has a connection of its own", async () => {
  const clock = manualClock();
  const plane = use(await startRawHttp2Server());
  const xds = { controlPlane: plane.address };
  use(createBalancedTransport("xds:///echo.shop:8080", { clock, random: () => 0.5, discovery: { xds } }));
  const first = await connectionOf(plane, 1);
  await plane.until(() => first.streams.length === 1);
  expect(await pingsWithin(10_000, clock, plane, first)).toBe(1);
  first.sendGoaway(1, ResetCode.ENHANCE_YOUR_CALM, "too_many_pings");
  first.end();
  await plane.until(() => first.closed);
  await eventually(() => {
    clock.advance(100);
    return plane.connections.length === 2;
  });
  const second = await connectionOf(plane, 2);
  await plane.until(() => second.streams.length === 1);
  expect(await pingsWithin(slowIntervalMs - 1_000, clock, plane, second)).toBe(0);
  expect(await pingsWithin(1_000, clock, plane, second)).toBe(1);
});
