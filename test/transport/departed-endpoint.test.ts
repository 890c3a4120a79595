import { expect, it } from "vitest";
import type { Endpoint } from "../../src/endpoint.ts";
import { scriptedSource } from "../../src/testing/index.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { preferring } from "../support/preferring.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

async function setUp() {
  const held = Promise.withResolvers<void>();
  const leaving = use(await startEchoServer({ name: "leaving", onCall: () => held.promise }));
  const staying = use(await startEchoServer({ name: "staying" }));
  const source = scriptedSource(endpointsOf(leaving, staying));
  const balanced = await readyClient(source, { policy: preferring(leaving, staying), slowStart: false });
  const call = balanced.client.update({ text: "in flight" });
  await leaving.until(() => leaving.calls.length === 1);
  return { leaving, staying, source, held, call, ...balanced };
}

it("a call in flight on a removed endpoint ends well, no new one goes there, and its connection closes after it", async () => {
  const { leaving, staying, source, held, call, client, transport } = await setUp();
  source.update(endpointsOf(staying));
  for (let n = 0; n < 10; n++) expect(await client.update({})).toMatchObject({ server: { name: "staying" } });
  expect([leaving.calls.length, leaving.openConnections()]).toEqual([1, 1]);
  held.resolve();
  expect(await call).toMatchObject({ text: "in flight", server: { name: "leaving" } });
  await leaving.until(() => leaving.openConnections() === 0);
  expect(transport.inspect().endpoints.map(({ endpoint }) => endpoint.port)).toEqual([staying.port]);
  await eventually(() => inFlight(transport) === 0);
});

it("a bidirectional stream on a removed endpoint goes on", async () => {
  const { staying, source, held, call, client } = await setUp();
  held.resolve();
  await call;
  const next = Promise.withResolvers<void>();
  const requests = async function* () {
    yield { text: "before" };
    await next.promise;
    yield { text: "after" };
  };
  const responses = client.chat(requests())[Symbol.asyncIterator]();
  expect(await responses.next()).toMatchObject({ value: { text: "before", server: { name: "leaving" } } });
  source.update(endpointsOf(staying));
  next.resolve();
  expect(await responses.next()).toMatchObject({ value: { text: "after", server: { name: "leaving" } } });
  expect(await responses.next()).toMatchObject({ done: true });
});

it("an endpoint that comes back while its last call runs is used again", async () => {
  const { leaving, staying, source, held, call, client, transport } = await setUp();
  source.update(endpointsOf(staying));
  source.update(endpointsOf(leaving, staying));
  held.resolve();
  await call;
  await eventually(() => transport.inspect().endpoints.every(({ connectivity }) => connectivity === "ready"));
  expect(await client.update({})).toMatchObject({ server: { name: "leaving" } });
  await leaving.until(() => leaving.openConnections() === 1);
});

it("an endpoint that discovery calls draining gets no new calls, and those in flight end well", async () => {
  const { leaving, staying, source, held, call, client } = await setUp();
  const [first, second] = endpointsOf(leaving, staying) as [Endpoint, Endpoint];
  source.update([{ ...first, health: "draining" }, second]);
  for (let n = 0; n < 10; n++) expect(await client.update({})).toMatchObject({ server: { name: "staying" } });
  held.resolve();
  expect(await call).toMatchObject({ server: { name: "leaving" } });
  expect(leaving.calls).toHaveLength(1);
});
