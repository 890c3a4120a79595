import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import type { Endpoint } from "../../src/endpoint.ts";
import { OrcaLoadReportSchema } from "../../src/gen/xds/data/orca/v3/orca_load_report_pb.ts";
import { OrcaLoadReportRequestSchema } from "../../src/gen/xds/service/orca/v3/orca_pb.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { testEndpoint } from "../../src/testing/test-endpoint.ts";
import { ResetCode } from "../../src/transport/sessions/reset-code.ts";
import { defaultSessionOptions } from "../../src/transport/sessions/session-options.ts";
import { SessionPools } from "../../src/transport/sessions/session-pools.ts";
import { envelope } from "../support/echo-wire.ts";
import type { FakeHttp2Stream } from "./fake-http2-stream.ts";
import { FakeNetwork } from "./fake-network.ts";

const ignore = () => {};
const minuteMs = 60_000;
const endpoint = testEndpoint({ id: "a", address: "10.0.0.1" });
const report = (utilization: number) =>
  envelope(0, toBinary(OrcaLoadReportSchema, create(OrcaLoadReportSchema, { applicationUtilization: utilization })));

/** The sessions of one endpoint that is asked for reports each second, on a network that does what the test says. */
async function setUp({ limit = 100, endpoints = [endpoint] as readonly Endpoint[] } = {}) {
  const clock = manualClock();
  const streams: FakeHttp2Stream[] = [];
  const bodies = new Map<FakeHttp2Stream, Buffer[]>();
  const heard = { utilizations: [] as number[], declined: 0 };
  const network = new FakeNetwork(() => clock.now(), {
    onDial: (session) => session.later(() => session.sendSettings(limit)),
    onPing: (session) => session.answerPing(),
    onStream: (stream) => {
      streams.push(stream);
      bodies.set(stream, []);
      stream._write = (chunk: Buffer, _encoding, callback) => {
        bodies.get(stream)?.push(chunk);
        callback();
      };
    },
    onSettings: ignore,
    onLeft: ignore,
  });
  const reports = {
    intervalMs: 1_000,
    authority: undefined,
    pathPrefix: "/shop",
    onReport: (_: Endpoint, { utilization }: { utilization: number }) => void heard.utilizations.push(utilization),
    onDeclined: () => void heard.declined++,
  };
  const pools = new SessionPools(
    { clock, random: () => 0.5, dial: network.dial, options: defaultSessionOptions, reports },
    { onConnectivity: ignore, onSessionOpened: ignore, onSessionClosed: ignore, onRenewalFailed: ignore },
  );
  pools.update(endpoints);
  await network.settle();
  /** In steps: what a timer does takes a moment on the network. */
  const pass = async (ms: number, stepMs = ms) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.advance(stepMs);
      await network.settle();
    }
  };
  const answer = async (headers: Record<string, string>, stream = streams.at(-1)) => {
    stream?.respond({ "content-type": "application/grpc", ...headers });
    stream?.finishAnswer();
    await network.settle();
  };
  const tell = async (utilization: number, stream = streams.at(-1)) => {
    if (!stream?.responded) stream?.respond({ "content-type": "application/grpc" });
    stream?.send(report(utilization));
    await network.settle();
  };
  const requestOf = (stream = streams.at(-1)) => Buffer.concat((stream && bodies.get(stream)) ?? []);
  return { clock, network, pools, streams, heard, pass, answer, tell, requestOf };
}

test("a session that opens is asked for reports in gRPC, once, and what it says is told", async () => {
  const { network, streams, heard, pass, tell, requestOf } = await setUp();
  await tell(0.25);
  await pass(10 * minuteMs);
  await tell(0.5);
  expect(heard.utilizations).toEqual([0.25, 0.5]);
  expect(streams.map(({ headers }) => headers)).toEqual([
    {
      ":method": "POST",
      ":path": "/shop/xds.service.orca.v3.OpenRcaService/StreamCoreMetrics",
      ":authority": "10.0.0.1:8080",
      "content-type": "application/grpc",
      te: "trailers",
    },
  ]);
  const request = requestOf();
  expect(request.subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 0, request.length - 5]));
  expect(fromBinary(OrcaLoadReportRequestSchema, request.subarray(5))).toMatchObject({ reportInterval: { seconds: 1n, nanos: 0 } });
  expect(network.misuses).toEqual([]);
});

/** A second session is opened because calls fill the first one; then they end. */
async function withTwoSessions() {
  const world = await setUp({ limit: 10 });
  const pool = world.pools.get("a");
  const calls = Array.from({ length: 9 }, () => pool?.take());
  void pool?.wait(new AbortController().signal);
  for (const session of calls) session?.release();
  await world.network.settle();
  expect(world.network.sessions.map(({ isOpen }) => isOpen)).toEqual([true, true]);
  return world;
}

test("an endpoint with two sessions has one stream; when its session leaves, another one carries it", async () => {
  const { network, streams, heard, tell } = await withTwoSessions();
  expect(streams.map(({ session }) => session)).toEqual([network.sessions[0]]);
  network.sessions[0]?.sendGoaway(ResetCode.NO_ERROR, 1, "");
  await network.settle();
  expect(streams.map(({ session }) => session)).toEqual([undefined, network.sessions[1]]);
  await tell(0.5);
  expect(heard.utilizations).toEqual([0.5]);
});

test("the stream of an endpoint that departs goes to none of its sessions", async () => {
  const { network, pools, streams } = await withTwoSessions();
  pools.update([]);
  await network.settle();
  expect(streams).toMatchObject([{ rstCode: ResetCode.CANCEL, destroyed: true }]);
});

test("a stream begins again with the next session", async () => {
  const { network, streams, pass } = await setUp();
  network.sessions[0]?.closeSocket();
  await pass(minuteMs, 1_000);
  expect(network.sessions).toHaveLength(2);
  expect(streams.map(({ session }) => session)).toEqual([undefined, network.sessions[1]]);
});

test.each([
  ["the status UNIMPLEMENTED", { "grpc-status": "12" }],
  ["HTTP 404", { ":status": "404" }],
  ["HTTP 415", { ":status": "415" }],
])("a session whose server answers with %s is not asked again, the next one is", async (_what, headers) => {
  const { network, streams, heard, pass, answer } = await setUp();
  await answer(headers as Record<string, string>);
  await pass(14 * minuteMs, 1_000);
  expect(streams).toHaveLength(1);
  expect(heard).toEqual({ utilizations: [], declined: 1 });
  network.sessions[0]?.closeSocket();
  await pass(minuteMs, 1_000);
  expect(streams).toHaveLength(2);
});

test("a stream that fails is tried again after 1 s, then later and later, up to 2 minutes; after a report, after 1 s again", async () => {
  const { clock, streams, pass, answer, tell } = await setUp();
  const pauses: number[] = [];
  for (let n = 0; n < 14; n++) {
    const fromMs = clock.now();
    const before = streams.length;
    await answer({ "grpc-status": "14" });
    while (streams.length === before) await pass(100);
    pauses.push(clock.now() - fromMs);
  }
  expect(pauses.slice(0, 3)).toEqual([1_000, 1_600, 2_600]);
  expect(pauses.slice(-2)).toEqual([120_000, 120_000]);
  await tell(0.5);
  await answer({ "grpc-status": "0" });
  await pass(1_000);
  expect(streams).toHaveLength(16);
});

test("a session with nothing but a stream of reports is idle: it is closed in time, and the stream ends before it", async () => {
  const { network, pools, streams, pass, tell } = await setUp();
  for (let minute = 0; minute < 14; minute++) {
    await tell(0.5);
    await pass(minuteMs);
  }
  expect(pools.get("a")?.sessions).toMatchObject([{ phase: "open", streams: 0 }]);
  await pass(2 * minuteMs, 1_000);
  expect(streams).toMatchObject([{ rstCode: ResetCode.CANCEL, destroyed: true }]);
  expect(network.sessions).toMatchObject([{ destroyed: true, clientEnd: "closed" }]);
  expect(pools.get("a")?.connectivity).toBe("idle");
});

test("a server that says goodbye need not wait for the stream", async () => {
  const { network, streams, tell } = await setUp();
  await tell(0.5);
  network.sessions[0]?.sendGoaway(ResetCode.NO_ERROR, 1, "");
  await network.settle();
  expect(streams[0]?.rstCode).toBe(ResetCode.CANCEL);
  expect(network.sessions[0]?.destroyed).toBe(true);
});

test.each([1, 2, 9])("where a server allows %i streams, all of them are left to calls", async (limit) => {
  const { network, pools, streams, pass } = await setUp({ limit });
  await pass(5 * minuteMs, 1_000);
  expect(streams).toHaveLength(0);
  const pool = pools.get("a");
  for (let call = 0; call < limit; call++) expect(pool?.take()?.request([], true)).toBeDefined();
  expect(network.misuses).toEqual([]);
});

test("the stream counts at the server's limit: calls are never opened beyond what is left", async () => {
  const { network, pools, streams } = await setUp({ limit: 10 });
  expect(streams).toHaveLength(1);
  const pool = pools.get("a");
  for (let call = 0; call < 9; call++) expect(pool?.take()?.request([], true)).toBeDefined();
  expect(pool?.take()).toBeUndefined();
  expect(network.misuses).toEqual([]);
});

test("a server that lowers its limit has the stream's place back for calls", async () => {
  const { network, pools, streams } = await setUp();
  network.sessions[0]?.sendSettings(1);
  await network.settle();
  expect(streams).toMatchObject([{ rstCode: ResetCode.CANCEL, destroyed: true }]);
  expect(pools.get("a")?.take()?.request([], true)).toBeDefined();
  expect(network.misuses).toEqual([]);
});

test("an endpoint that is no longer listed has its stream ended, and is heard no more; no timer is left", async () => {
  const { clock, network, pools, streams, heard, tell, pass } = await setUp();
  await tell(0.5);
  pools.update([]);
  streams[0]?.send(report(0.75));
  await network.settle();
  await pass(minuteMs, 1_000);
  expect(heard.utilizations).toEqual([0.5]);
  expect(streams).toMatchObject([{ rstCode: ResetCode.CANCEL, destroyed: true }]);
  expect(clock.pending).toBe(0);
});

test("a stream that is to be tried again is not, once its endpoint has gone", async () => {
  const { clock, pools, streams, answer, pass } = await setUp();
  await answer({ "grpc-status": "14" });
  pools.update([]);
  await pass(5 * minuteMs, 1_000);
  expect(streams).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
