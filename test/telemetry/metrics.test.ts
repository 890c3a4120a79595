import { constants } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { BalancedTransportOptions } from "../../src/index.ts";
import type { OptionalLabel } from "../../src/observability/index.ts";
import { type Metric, metricCatalogue } from "../../src/observability/metric-catalogue.ts";
import { scriptedSource, testEndpoint } from "../../src/testing/index.ts";
import { balancedClient, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { type EchoServer, type SeenCall, startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { RealSdk, type SeenSeries } from "./real-sdk.ts";

interface Options extends BalancedTransportOptions {
  readonly labels?: readonly OptionalLabel[];
  /** Runs before the first server answers. */
  readonly onFirst?: (call: SeenCall) => void;
}

/** Two servers in zones a and b, behind a source of the test's, and a client in zone a that prefers the first. */
async function setUp({ labels, onFirst, ...options }: Options = {}) {
  const sdk = new RealSdk({ labels });
  const { telemetry } = sdk;
  const servers = [
    use(await startEchoServer({ interceptors: [telemetry.serverInterceptor], ...(onFirst && { onCall: onFirst }) })),
    use(await startEchoServer({ interceptors: [telemetry.serverInterceptor] })),
  ] as const;
  const endpointOf = ({ port }: EchoServer, zone: string) =>
    testEndpoint({ id: zone, address: "127.0.0.1", port, locality: { region: "eu", zone } });
  const endpoints = [endpointOf(servers[0], "a"), endpointOf(servers[1], "b")] as const;
  const source = scriptedSource();
  const policy = preferring(...servers);
  const { client, transport } = balancedClient(source, { telemetry, authority: "echo.shop:8080", zone: "a", policy, ...options });
  source.update([...endpoints]);
  await eventually(() => transport.inspect().endpoints.filter(({ connectivity }) => connectivity === "ready").length === 2);
  return { sdk, servers, endpoints, source, client, transport };
}

const target = { "grpc.target": "the given source of echo.shop:8080" };
const method = { "grpc.method": "meshless.testing.v1.EchoService/Update" };

it("calls are measured by OpenTelemetry's names and by gRPC's, with labels that name no endpoint", async () => {
  const { sdk, client } = await setUp();
  await client.update({ text: "hello" });
  await failureOf(client.update({ behavior: { failCode: Code.NotFound } }));
  const rpc = { "rpc.system.name": "connectrpc", "rpc.method": method["grpc.method"], "server.address": "echo.shop", "server.port": 8080 };
  const error = { "rpc.status_code": "not_found", "error.type": "not_found" };
  const labelsOf = async (name: string) => (await sdk.series(name)).map(({ labels }) => labels);
  expect(await labelsOf("rpc.client.call.duration")).toEqual([rpc, { ...rpc, ...error }]);
  const byStatus = ["OK", "NOT_FOUND"].map((status) => ({ ...method, ...target, "grpc.status": status }));
  for (const name of ["call.duration", "attempt.duration", "attempt.sent_total_compressed_message_size"]) {
    expect(await labelsOf(`grpc.client.${name}`)).toEqual(byStatus);
  }
  expect(await sdk.series("grpc.client.attempt.started")).toEqual([{ labels: { ...method, ...target }, value: 2, sum: 2 }]);
  expect(await labelsOf("grpc.server.call.duration")).toEqual(["OK", "NOT_FOUND"].map((status) => ({ ...method, "grpc.status": status })));
  expect(await sdk.series("grpc.server.call.started")).toMatchObject([{ labels: method, value: 2 }]);
});

it("sizes are those of the bodies as they went over the wire, of unary calls and of streams", async () => {
  const { sdk, client } = await setUp();
  await client.update({ text: "x".repeat(500) });
  await collect(client.count({ count: 3, behavior: { size: 1_000 } }));
  const sent = await sdk.series("grpc.client.attempt.sent_total_compressed_message_size");
  const received = await sdk.series("grpc.client.attempt.rcvd_total_compressed_message_size");
  const ofCount = { "grpc.method": "meshless.testing.v1.EchoService/Count" };
  const sumOf = (series: readonly SeenSeries[], labels: object) =>
    series.find(({ labels: own }) => own["grpc.method"] === Object.values(labels)[0])?.sum;
  expect(sumOf(sent, method)).toBe(503);
  expect(sumOf(received, method)).toBeGreaterThan(503);
  expect(sumOf(received, ofCount)).toBeGreaterThan(3_000);
  expect(sumOf(received, ofCount)).toBeLessThan(3_200);
});

it("attempts are counted by outcome, zone and whether they left the client's own", async () => {
  const { sdk, client, source, endpoints, transport } = await setUp({ shrinkGuard: false });
  await client.update({});
  source.update(endpoints.slice(1));
  await eventually(() => transport.inspect().endpoints.length === 1);
  await client.update({});
  const series = await sdk.series("meshless.attempts");
  expect(series.map(({ labels }) => labels)).toEqual([
    { ...target, "meshless.outcome": "success", "meshless.placement": "own_zone", "meshless.zone": "a" },
    { ...target, "meshless.outcome": "success", "meshless.placement": "other_zone", "meshless.zone": "b" },
  ]);
});

it("an attempt after one that a server may have acted on is a retry", async () => {
  const { sdk, client, servers } = await setUp();
  const [bad] = servers;
  const dying = eventually(() => bad.calls.length === 1).then(() => bad.kill());
  await client.echo({ behavior: { delayMs: 50 } });
  await dying;
  expect(await sdk.series("grpc.client.call.retries")).toMatchObject([{ value: 1, sum: 1 }]);
  expect(await sdk.series("grpc.client.call.transparent_retries")).toEqual([]);
  expect(await sdk.series("grpc.client.call.retry_delay")).toMatchObject([{ value: 1 }]);
});

it("an attempt after one that certainly reached no server is a transparent retry", async () => {
  const { sdk, client } = await setUp({ onFirst: (call) => call.reset(constants.NGHTTP2_REFUSED_STREAM) });
  await client.update({});
  expect(await sdk.series("grpc.client.call.transparent_retries")).toMatchObject([{ labels: { ...method, ...target }, sum: 1 }]);
  expect(await sdk.series("grpc.client.call.retries")).toEqual([]);
  const outcomes = (await sdk.series("meshless.attempts")).map(({ labels }) => labels["meshless.outcome"]);
  expect(outcomes).toEqual(["refused", "success"]);
});

it("endpoints are counted by their standing, and by coming and going", async () => {
  const { sdk, source, endpoints, transport } = await setUp();
  const [first, second] = endpoints;
  expect(await standingsIn(sdk)).toEqual({ eligible: 2 });
  source.update([{ ...first, health: "draining" }, second]);
  await eventually(() => transport.inspect().endpoints.some(({ endpoint }) => endpoint.health === "draining"));
  expect(await standingsIn(sdk)).toEqual({ eligible: 1, draining: 1 });
  expect(await sdk.series("meshless.endpoint.changes")).toEqual([{ labels: { ...target, "meshless.change": "added" }, value: 2, sum: 2 }]);
  expect(await sdk.series("meshless.discovery.updates")).toMatchObject([{ labels: { "meshless.result": "accepted" }, value: 2 }]);
});

it("an ejection is counted, and so is panic while too few are left", async () => {
  const fails = () => {
    throw new ConnectError("out of order", Code.Unavailable);
  };
  const { sdk, client, transport } = await setUp({ onFirst: fails, panicThreshold: 1 });
  while (transport.inspect().endpoints.every(({ ejection }) => ejection === "none")) await client.update({}).catch(() => {});
  expect(await sdk.series("meshless.ejections")).toMatchObject([{ labels: target, value: 1 }]);
  expect(await sdk.series("meshless.panic")).toMatchObject([{ labels: target, value: 1 }]);
  expect(await standingsIn(sdk)).toMatchObject({ ejected: 1 });
});

it("a source in trouble shows, and for how long, until it is well again", async () => {
  let passedMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + passedMs };
  const { sdk, source, endpoints } = await setUp({ clock });
  const now = async () =>
    Promise.all(
      ["trouble", "stale_time"].map(async (name) => Math.round((await sdk.series(`meshless.discovery.${name}`))[0]?.value ?? -1)),
    );
  expect(await now()).toEqual([0, 0]);
  source.error(new Error("out to lunch"));
  await new Promise((resolve) => setImmediate(resolve));
  passedMs = 60_000;
  expect(await now()).toEqual([1, 60]);
  source.update([...endpoints]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await now()).toEqual([0, 0]);
});

it("sessions are counted as they open and end, with the reason in gRPC's words", async () => {
  const { sdk, servers, transport } = await setUp();
  expect(await sdk.series("grpc.subchannel.open_connections")).toMatchObject([{ value: 2 }]);
  servers[0].drain();
  await eventually(() => transport.inspect().endpoints.every(({ sessions }) => sessions.every(({ phase }) => phase === "open")));
  await eventually(() => servers[0].acceptedConnections() === 2);
  await servers[1].kill();
  await eventually(() => transport.inspect().endpoints.some(({ connectivity }) => connectivity === "unreachable"));
  const ends = await sdk.series("grpc.subchannel.disconnections");
  expect(ends.map(({ labels }) => labels["grpc.disconnect_error"]).sort()).toEqual(["GOAWAY NO_ERROR", "connection reset"]);
  expect(await sdk.series("grpc.subchannel.connection_attempts_failed")).toMatchObject([{ labels: target, value: 1 }]);
});

it("pings are timed", async () => {
  const { sdk, transport } = await setUp({ session: { pingIntervalMs: 5, pingIdleConnection: true } });
  const events = transport.events();
  for await (const { type } of events) if (type === "pingAnswered") break;
  expect(await sdk.series("meshless.session.ping.duration")).toMatchObject([{ labels: target }]);
});

it("labels for single endpoints and localities are there where they are asked for", async () => {
  const labels = ["meshless.endpoint", "grpc.lb.locality"] as const;
  const { sdk, servers, client } = await setUp({ labels });
  await client.update({});
  const own = { "meshless.endpoint": servers[0].address, "grpc.lb.locality": '{region="eu", zone="a", sub_zone=""}' };
  expect(await sdk.series("grpc.client.attempt.duration")).toMatchObject([{ labels: own }]);
  expect(await sdk.series("meshless.attempts")).toMatchObject([{ labels: { "meshless.endpoint": servers[0].address } }]);
});

it("transports of one target are added up, and one that was closed is gone", async () => {
  const sdk = new RealSdk();
  const server = use(await startEchoServer());
  const { telemetry } = sdk;
  const [one, other] = [await readyClient(staticTarget(server), { telemetry }), await readyClient(staticTarget(server), { telemetry })];
  expect(await standingsIn(sdk)).toEqual({ eligible: 2 });
  expect(await sdk.series("meshless.transports")).toMatchObject([{ value: 2 }]);
  await one.transport.close();
  expect(await standingsIn(sdk)).toEqual({ eligible: 1 });
  await other.transport.close();
  expect(await standingsIn(sdk)).toEqual({});
  expect(await sdk.series("meshless.transports")).toMatchObject([{ value: 0 }]);
  expect(await sdk.series("grpc.subchannel.open_connections")).toMatchObject([{ value: 0 }]);
});

it("every metric that is recorded is in the catalogue, with its unit, and has no label beside those that it names", async () => {
  const { sdk, client } = await setUp({ labels: ["meshless.endpoint", "grpc.lb.locality"] });
  await client.update({});
  const recorded = await sdk.recorded();
  expect(recorded.length).toBeGreaterThan(15);
  for (const { name, unit, description, labels } of recorded) {
    const metric: Metric | undefined = (metricCatalogue as Readonly<Record<string, Metric>>)[name];
    expect({ name, unit, description }).toEqual({ name, unit: metric?.unit, description: metric?.description });
    expect([...(metric?.labels ?? []), ...(metric?.optional ?? [])]).toEqual(expect.arrayContaining(labels));
  }
});

async function standingsIn(sdk: RealSdk): Promise<Readonly<Record<string, number>>> {
  const series = await sdk.series("meshless.endpoints");
  return Object.fromEntries(series.filter(({ value }) => value > 0).map(({ labels, value }) => [labels["meshless.standing"], value]));
}
