import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { balancedClient, inFlight, readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

describe("a server that accepts and says nothing", () => {
  it("is given up after the connect time-out, and another serves", async () => {
    const silent = use(await startRawHttp2Server({ settings: "silent" }));
    const good = use(await startEchoServer({ name: "good" }));
    const { client } = balancedClient(staticTarget(silent, good), { policy: preferring(silent, good), session: { connectTimeoutMs: 400 } });
    const answers = await Promise.all([1, 2, 3].map(() => client.update({})));
    expect(answers.map(({ server }) => server?.name)).toEqual(["good", "good", "good"]);
    await silent.until(() => silent.connections[0]?.closed === true);
    expect(silent.streams()).toHaveLength(0);
  });

  it("alone: the call fails as unavailable, and the error names the time-out", async () => {
    const silent = use(await startRawHttp2Server({ settings: "silent" }));
    const { client, transport } = balancedClient(staticTarget(silent), { session: { connectTimeoutMs: 80 } });
    const error = await failureOf(client.echo({}));
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining("connectTimeoutMs") });
    expect(inFlight(transport)).toBe(0);
  });

  it("alone: a deadline that comes first ends the call", async () => {
    const silent = use(await startRawHttp2Server({ settings: "silent" }));
    const { client, transport } = balancedClient(staticTarget(silent));
    expect(await failureOf(client.echo({}, { timeoutMs: 50 }))).toMatchObject({ code: Code.DeadlineExceeded });
    expect(inFlight(transport)).toBe(0);
  });
});

describe("a half-open connection", () => {
  async function setUp(session: { pingIntervalMs: number; pingTimeoutMs: number; pingIdleConnection?: boolean }) {
    const held = Promise.withResolvers<void>();
    const gone = use(await startEchoServer({ name: "gone", onCall: () => held.promise }));
    const proxy = use(await startTcpProxy(gone.port));
    const good = use(await startEchoServer({ name: "good" }));
    const balanced = await readyClient(staticTarget(proxy, good), {
      policy: preferring(proxy, good),
      session: { ...session, connectTimeoutMs: 2_000 },
    });
    return { gone, proxy, good, held, ...balanced };
  }

  it("is noticed by unanswered pings: its calls end, elsewhere if they may", async () => {
    const { gone, proxy, good, held, client, transport } = await setUp({ pingIntervalMs: 40, pingTimeoutMs: 200 });
    const safe = client.echo({});
    const unsafe = failureOf(client.update({}));
    await gone.until(() => gone.calls.length === 2);
    proxy.stall();
    expect(await safe).toMatchObject({ server: { name: "good" } });
    expect(await unsafe).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining("ping") });
    expect(good.calls).toHaveLength(1);
    expect(await client.update({})).toMatchObject({ server: { name: "good" } });
    await eventually(() => inFlight(transport) === 0);
    held.resolve();
  });

  it("is noticed without calls where idle connections are pinged", async () => {
    const { proxy, client, transport, held } = await setUp({ pingIntervalMs: 40, pingTimeoutMs: 200, pingIdleConnection: true });
    proxy.stall();
    await eventually(() => transport.inspect().endpoints.some(({ connectivity }) => connectivity !== "ready"));
    expect(await client.update({})).toMatchObject({ server: { name: "good" } });
    held.resolve();
  });

  it("stays open while pings are answered", async () => {
    const raw = use(await startRawHttp2Server());
    const { client } = await readyClient(staticTarget(raw), { session: { pingIntervalMs: 10, pingTimeoutMs: 5_000 } });
    const abort = new AbortController();
    const call = failureOf(client.update({}, { signal: abort.signal }));
    await raw.until(() => (raw.connections[0]?.pingsReceived ?? 0) >= 5);
    abort.abort();
    expect(await call).toMatchObject({ code: Code.Canceled });
    expect(raw.connections).toHaveLength(1);
  });
});

it("answers every PING of a server", async () => {
  const raw = use(await startRawHttp2Server());
  await readyClient(staticTarget(raw));
  for (let n = 0; n < 20; n++) raw.connections[0]?.sendPing();
  await raw.until(() => raw.connections[0]?.pingsAcked === 20);
});
