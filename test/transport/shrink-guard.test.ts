import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { type BalancedTransportOptions, roundRobin, type TransportEvent } from "../../src/index.ts";
import { manualClock, scriptedSource } from "../../src/testing/index.ts";
import { readyClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import type { EchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { failureOf } from "../support/failure-of.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

async function setUp(size: number, options: BalancedTransportOptions = {}) {
  const fleet = use(await startEchoFleet(size + 1));
  const servers = fleet.servers.slice(0, size);
  const spare = fleet.servers[size] as EchoServer;
  const source = scriptedSource(endpointsOf(...servers));
  const { client, transport } = await readyClient(source, {
    authority: "checkout.shop",
    policy: roundRobin(),
    slowStart: false,
    ...options,
  });
  const events: TransportEvent[] = [];
  void (async () => {
    for await (const event of transport.events()) events.push(event);
  })();
  /** Who answers so many calls. */
  const answered = async (calls: number) => {
    const names = new Set<string>();
    for (let call = 0; call < calls; call++) names.add((await client.update({})).server?.name ?? "nobody");
    return names.size;
  };
  const told = (type: TransportEvent["type"]) => events.filter((event) => event.type === type);
  return { servers, spare, source, client, transport, answered, told };
}

describe("while the endpoints of before serve, no call fails, and load stays where it was,", () => {
  it("when a source says that there are none", async () => {
    const { source, transport, answered, told, servers } = await setUp(4);
    source.update([]);
    expect(await answered(60)).toBe(4);
    const ids = endpointsOf(...servers).map(({ id }) => id);
    expect(transport.inspect()).toMatchObject({ state: "open", retained: { endpointIds: ids, served: 4 } });
    expect(told("endpointsRetained")).toEqual([{ type: "endpointsRetained", retained: 4, listed: 0, served: 4, forMs: 600_000 }]);
  });

  it("when it says that there is no such service", async () => {
    const { source, transport, answered } = await setUp(2);
    source.vanish();
    expect(await answered(30)).toBe(2);
    expect(transport.inspect()).toMatchObject({ state: "open", retained: { served: 2 } });
  });

  it("when it leaves out nine of ten", async () => {
    const { source, servers, answered } = await setUp(10);
    source.update(endpointsOf(servers[0] as EchoServer));
    expect(await answered(200)).toBe(10);
  });

  it("when it names others, none of which can be reached", async () => {
    const { source, servers, answered, transport } = await setUp(3);
    source.update([{ port: 1 }, { port: 2 }, { port: 3 }].flatMap((wrong) => endpointsOf(wrong)));
    await eventually(() => transport.inspect().endpoints.filter(({ connectivity }) => connectivity === "unreachable").length === 3);
    expect(await answered(60)).toBe(3);
    source.update(endpointsOf(...servers));
    await eventually(() => transport.inspect().retained === undefined);
    expect(transport.inspect().endpoints).toHaveLength(3);
  });
});

it("a set that was true is followed as its endpoints leave, and not a moment longer", async () => {
  const { source, servers, transport, client } = await setUp(3);
  source.vanish();
  for (const server of servers.slice(0, 2)) await server.kill();
  await eventually(() => transport.inspect().retained?.endpointIds.length === 1);
  await client.update({});
  await servers[2]?.kill();
  await eventually(() => transport.inspect().state === "noSuchService");
  expect(await failureOf(client.update({}))).toMatchObject({
    code: Code.Unavailable,
    rawMessage: expect.stringContaining("there is no such service"),
  });
});

it("a retained endpoint that says goodbye, and refuses connections, is forgotten at once", async () => {
  const { source, servers, transport } = await setUp(1);
  source.update([]);
  await servers[0]?.kill();
  await eventually(() => transport.inspect().endpoints.length === 0);
});

it("a retained endpoint that has vanished without a word is found out by a ping", async () => {
  const proxy = use(await startTcpProxy((use(await startEchoFleet(1)).servers[0] as EchoServer).port));
  const source = scriptedSource(endpointsOf(proxy));
  const { transport } = await readyClient(source, { session: { pingTimeoutMs: 50, connectTimeoutMs: 50 } });
  proxy.stall();
  source.update([]);
  await eventually(() => transport.inspect().endpoints.length === 0);
  proxy.resume();
});

it("those who drained before they left are left alone at once", async () => {
  const { source, servers, transport, client } = await setUp(3);
  const endpoints = endpointsOf(...servers);
  source.update(endpoints.map((endpoint, place) => (place === 2 ? endpoint : { ...endpoint, health: "draining" })));
  source.update(endpoints.slice(2));
  expect(transport.inspect()).toMatchObject({ endpoints: [{ endpoint: { id: endpoints[2]?.id } }] });
  expect(transport.inspect().retained).toBeUndefined();
  await client.update({});
});

it("those that are listed take part at once beside those that are retained", async () => {
  const { source, servers, spare, transport, answered } = await setUp(4);
  source.update(endpointsOf(servers[0] as EchoServer));
  source.update(endpointsOf(servers[0] as EchoServer, spare));
  // Half of four: enough.
  await eventually(() => transport.inspect().retained === undefined);
  expect(await answered(30)).toBe(2);
});

it("after ten minutes a source is believed, whatever its endpoints do", async () => {
  const clock = manualClock();
  const { source, client, transport, told } = await setUp(2, { clock });
  source.update([]);
  // They answer the pings.
  for (let call = 0; call < 8; call++) await client.update({});
  clock.advance(599_000);
  await client.update({});
  clock.advance(2_000);
  expect((await failureOf(client.update({}))).rawMessage).toContain("the endpoint set is empty");
  expect(transport.inspect().retained).toBeUndefined();
  await eventually(() => told("endpointsReleased").length === 1);
  expect(told("endpointsReleased")).toMatchObject([{ reason: "the source has left them out for 600 s" }]);
});

it("without the guard a source is believed at once", async () => {
  const { source, client } = await setUp(2, { shrinkGuard: false });
  source.update([]);
  expect((await failureOf(client.update({}))).rawMessage).toContain("the endpoint set is empty");
});
