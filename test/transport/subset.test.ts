import { expect, it } from "vitest";
import { type BalancedTransport, ConfigurationError, maglev, ringHash, type TransportEvent } from "../../src/index.ts";
import { scriptedSource, seededRandom, testEndpoint } from "../../src/testing/index.ts";
import { balancedClient, readyClient } from "../support/balanced-client.ts";
import { type EchoFleet, startEchoFleet } from "../support/echo-fleet.ts";
import type { EchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const connected = ({ servers }: EchoFleet) => servers.filter((server) => server.openConnections() > 0);
const knownTo = (transport: BalancedTransport) => transport.inspect().endpoints.map(({ endpoint }) => endpoint.port);

async function setUp() {
  const fleet = use(await startEchoFleet(20));
  const source = scriptedSource(endpointsOf(...fleet.servers));
  const { client, transport } = await readyClient(source, { subset: { size: 5, clientId: "anna" } });
  return { fleet, source, client, transport };
}

it("a client has sessions to its subset alone, and all of its calls go there", async () => {
  const { fleet, client, transport } = await setUp();
  for (let n = 0; n < 100; n++) await client.echo({});
  const mine = connected(fleet);
  expect(mine).toHaveLength(5);
  expect(knownTo(transport)).toEqual(mine.map(({ port }) => port));
  expect(mine.reduce((sum, { calls }) => sum + calls.length, 0)).toBe(100);
  expect(fleet.servers.reduce((sum, server) => sum + server.acceptedConnections(), 0)).toBe(5);
});

it("one that leaves is replaced by one other, and nothing else changes", async () => {
  const { fleet, source, transport } = await setUp();
  const [leaving, ...staying] = connected(fleet) as [EchoServer, ...EchoServer[]];
  const events: TransportEvent[] = [];
  const reading = (async () => {
    for await (const event of transport.events()) events.push(event);
  })();
  source.update(endpointsOf(...fleet.servers.filter((server) => server !== leaving)));
  await eventually(() => leaving.openConnections() === 0 && connected(fleet).length === 5);
  expect(connected(fleet)).toEqual(expect.arrayContaining(staying));
  for (const server of staying) expect(server.acceptedConnections()).toBe(1);
  await transport.close();
  await reading;
  expect(events.filter(({ type }) => type === "endpointAdded" || type === "endpointRemoved")).toHaveLength(2);
});

it("one that leaves without having been known changes nothing", async () => {
  const { fleet, source, transport } = await setUp();
  const before = knownTo(transport);
  source.update(endpointsOf(...fleet.servers.filter(({ port }) => before.includes(port))));
  expect(knownTo(transport)).toEqual(before);
});

it("without an id, chance chooses", async () => {
  const endpoints = Array.from({ length: 50 }, (_, index) => testEndpoint({ address: "127.0.0.2", port: 1 + index }));
  const known = async (seed: number) => {
    const { transport } = balancedClient(scriptedSource(endpoints), { subset: { size: 5 }, random: seededRandom(seed) });
    await eventually(() => transport.inspect().state === "open");
    return knownTo(transport).join();
  };
  expect(await known(7)).toBe(await known(7));
  expect(await known(7)).not.toBe(await known(8));
});

it("in a zone, so many are kept there and so many elsewhere", async () => {
  const endpoints = Array.from({ length: 40 }, (_, index) =>
    testEndpoint({ address: "127.0.0.2", port: 1 + index, locality: { region: "r", zone: index < 20 ? "a" : "b" } }),
  );
  const { transport } = balancedClient(scriptedSource(endpoints), { subset: { size: 5, clientId: "anna" }, zone: "a" });
  await eventually(() => transport.inspect().state === "open");
  const zones = transport.inspect().endpoints.map(({ endpoint }) => endpoint.locality?.zone);
  expect(Map.groupBy(zones, (zone) => zone).get("a")).toHaveLength(5);
  expect(zones).toHaveLength(10);
});

it.each([maglev(), ringHash()])("is refused beside a policy that sends a key to the same endpoint from every client", (policy) => {
  expect(() => balancedClient("static:///127.0.0.1:1", { subset: { size: 20 }, policy })).toThrow(ConfigurationError);
});
