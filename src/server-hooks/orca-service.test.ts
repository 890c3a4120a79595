import http2 from "node:http2";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, createClient } from "@connectrpc/connect";
import {
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { grpcDefinition } from "../../test/interop/grpc-definition.ts";
import { failureOf } from "../../test/support/failure-of.ts";
import { closeServer, listenOnLoopback } from "../../test/support/listen.ts";
import { eventually } from "../../test/support/until.ts";
import type { OrcaLoadReport } from "../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import { OpenRcaService } from "../gen/xds/service/orca/v3/orca_pb.ts";
import { fromOrca } from "../orca.ts";
import { type ManualClock, manualClock } from "../testing/manual-clock.ts";
import { createHealthReporter, type HealthReporterOptions } from "./health-reporting.ts";
import { type OrcaServiceOptions, orcaService } from "./orca-service.ts";

const transports = { connect: createConnectTransport, grpc: createGrpcTransport, "grpc-web": createGrpcWebTransport };
const protocols = Object.keys(transports) as (keyof typeof transports)[];

/** A server whose time stands still, and a stock client of it. */
async function serve(
  options: OrcaServiceOptions & { readonly health?: HealthReporterOptions; readonly protocol?: keyof typeof transports } = {},
) {
  const { health: given, protocol = "grpc", ...own } = options;
  const clock = manualClock();
  const shutdown = new AbortController();
  const health = createHealthReporter({ minIntervalMs: 0, clock, eventLoop: () => ({ utilization: 0, delayMs: 0 }), ...given });
  const handler = connectNodeAdapter({
    routes(router) {
      router.service(EchoService, { echo: () => ({ text: "hello" }) });
      orcaService(router, health.sampler, { clock, ...own });
    },
    requestGate: health.requestGate,
    interceptors: [health.interceptor],
    shutdownSignal: shutdown.signal,
  });
  const server = http2.createServer(handler);
  const baseUrl = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(async () => {
    sessionManager.abort();
    await closeServer(server);
  });
  const transport = transports[protocol]({ httpVersion: "2", baseUrl, sessionManager });
  const ask = (intervalMs: number) => follow(createClient(OpenRcaService, transport), intervalMs);
  return { clock, shutdown, health, server, baseUrl, ask, echo: () => createClient(EchoService, transport).echo({}) };
}

/** A stream of reports: those that came, and how it ended. */
function follow(client: ReturnType<typeof createClient<typeof OpenRcaService>>, intervalMs: number) {
  const controller = new AbortController();
  const seen = { reports: [] as OrcaLoadReport[], isOver: false, cancel: () => controller.abort() };
  const read = async () => {
    const reports = client.streamCoreMetrics({ reportInterval: durationFromMs(intervalMs) }, { signal: controller.signal });
    for await (const report of reports) seen.reports.push(report);
  };
  const ended = read().finally(() => {
    seen.isOver = true;
  });
  ended.catch(() => {});
  return Object.assign(seen, { ended });
}

/** Lets so much time pass on a server that waits, and its next report arrive. */
async function passUntilNext(clock: ManualClock, ms: number, stream: { readonly reports: readonly unknown[] }): Promise<void> {
  await eventually(() => clock.pending > 0);
  const before = stream.reports.length;
  clock.advance(ms);
  await eventually(() => stream.reports.length > before);
}

describe.each(protocols)("over %s", (protocol) => {
  test("a report comes at once and then at each interval, and says what headers say", async () => {
    const { clock, health, ask } = await serve({ protocol });
    const stream = ask(2_000);
    await eventually(() => stream.reports.length === 1);
    const end = health.sampler.begin();
    await passUntilNext(clock, 2_000, stream);
    await eventually(() => clock.pending > 0);
    expect(fromOrca(stream.reports[1] as OrcaLoadReport)).toEqual(health.sampler.report());
    expect(health.sampler.report()).toMatchObject({ inFlight: 1 });
    end("success");
    clock.advance(1_999);
    expect(clock.pending).toBe(1);
    await passUntilNext(clock, 1, stream);
    expect(stream.reports.map(({ namedMetrics }) => namedMetrics.in_flight)).toEqual([0, 1, 0]);
    stream.cancel();
    await failureOf(stream.ended);
  });
});

test.each([
  { asked: 0, minIntervalMs: undefined, isMs: 500 },
  { asked: -5, minIntervalMs: 40, isMs: 40 },
  { asked: 1, minIntervalMs: 30_000, isMs: 30_000 },
  { asked: 60_000, minIntervalMs: undefined, isMs: 60_000 },
])("asked for every $asked ms, with a minimum of $minIntervalMs, it reports every $isMs ms", async ({ asked, minIntervalMs, isMs }) => {
  const { clock, ask } = await serve(minIntervalMs === undefined ? {} : { minIntervalMs });
  const stream = ask(asked);
  await eventually(() => stream.reports.length === 1);
  await eventually(() => clock.pending > 0);
  clock.advance(isMs - 1);
  expect(clock.pending).toBe(1);
  await passUntilNext(clock, 1, stream);
  stream.cancel();
  await failureOf(stream.ended);
});

test("a server that starts to drain says so at once on every stream, and ends them; a stream that is opened then is told and ended too", async () => {
  const { clock, health, ask } = await serve();
  const streams = [ask(60_000), ask(60_000)];
  await eventually(() => clock.pending === 2);
  health.sampler.startDraining();
  await Promise.all(streams.map(({ ended }) => ended));
  expect(streams.map(({ reports }) => reports.map((report) => fromOrca(report).draining))).toEqual([
    [undefined, true],
    [undefined, true],
  ]);
  expect(clock.pending).toBe(0);
  const late = ask(60_000);
  await late.ended;
  expect(late.reports.map((report) => fromOrca(report).draining)).toEqual([true]);
});

test("streams end when the server is told to shut down", async () => {
  const { clock, shutdown, ask } = await serve();
  const stream = ask(60_000);
  await eventually(() => clock.pending === 1);
  shutdown.abort();
  await eventually(() => stream.isOver && clock.pending === 0);
});

test("a stream of reports is no call: not in flight, not among requests, errors or latencies, and never bounced", async () => {
  const { health, ask, echo } = await serve({ health: { maxInFlight: 1, pushback: { limit: () => true, maxShare: 1 } } });
  await echo();
  const before = health.sampler.report();
  const streams = Array.from({ length: 20 }, () => ask(1_000));
  await eventually(() => streams.every(({ reports }) => reports.length === 1));
  expect(health.sampler.report()).toEqual(before);
  for (const stream of streams) stream.cancel();
  await Promise.all(streams.map(({ ended }) => failureOf(ended)));
  expect(health.sampler.report()).toEqual(before);
});

test("streams beyond the limit are turned away, until others have ended", async () => {
  const { clock, ask } = await serve({ maxStreams: 2 });
  const streams = [ask(1_000), ask(1_000)];
  await eventually(() => streams.every(({ reports }) => reports.length === 1));
  expect(await failureOf(ask(1_000).ended)).toMatchObject({ code: Code.ResourceExhausted });
  streams[0]?.cancel();
  await eventually(() => clock.pending === 1);
  const next = ask(1_000);
  await eventually(() => next.reports.length === 1);
  for (const stream of [streams[1], next]) stream?.cancel();
  // A client that leaves takes its timer along.
  await eventually(() => clock.pending === 0);
});

test("so many streams that they are more than 500 reports per second have them less often", async () => {
  const { clock, ask } = await serve({ minIntervalMs: 10 });
  const streams = Array.from({ length: 20 }, () => ask(1));
  await eventually(() => clock.pending === 20);
  // The first ones did not know how many there would be.
  clock.advance(40);
  await eventually(() => streams.every(({ reports }) => reports.length === 2) && clock.pending === 20);
  clock.advance(39);
  expect(clock.pending).toBe(20);
  clock.advance(1);
  await eventually(() => streams.every(({ reports }) => reports.length === 3));
  for (const stream of streams) stream.cancel();
  await Promise.all(streams.map(({ ended }) => failureOf(ended)));
});

test("a client of @grpc/grpc-js reads the reports", async () => {
  const { health, baseUrl } = await serve();
  const end = health.sampler.begin();
  onTestFinished(() => end("success"));
  const Client = grpc.makeClientConstructor(grpcDefinition(OpenRcaService), OpenRcaService.typeName);
  const client = new Client(new URL(baseUrl).host, grpc.credentials.createInsecure());
  onTestFinished(() => client.close());
  const call: grpc.ClientReadableStream<OrcaLoadReport> = client.streamCoreMetrics?.({ reportInterval: durationFromMs(1_000) });
  call.on("error", () => {});
  const report = await new Promise<OrcaLoadReport>((resolve) => call.once("data", resolve));
  expect(fromOrca(report)).toMatchObject({ inFlight: 1 });
  call.cancel();
});
