import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { EchoService } from "../../../test/gen/meshless/testing/v1/echo_pb.ts";
import { closeServer, listenOnLoopback } from "../../../test/support/listen.ts";
import { eventually } from "../../../test/support/until.ts";
import { manualClock } from "../../testing/index.ts";
import { createHealthReporter, type HealthReporterOptions } from "../health-reporting.ts";
import { isWarmUp } from "./in-process-transport.ts";
import type { WarmUpCall } from "./play.ts";
import type { WarmUpOptions } from "./warm-up.ts";

const echo: WarmUpCall = (transport) => createClient(EchoService, transport).echo({ text: "warm" });
const quick = { minCalls: 50, eventLoop: () => ({ utilization: 0, delayMs: 0 }) };

const warnings = vi.spyOn(process, "emitWarning");
beforeEach(() => void warnings.mockReset());
afterEach(() => expect(warnings).not.toHaveBeenCalled());

/** A reporter with a handler, which counts what reaches the service. */
function setUp(options: HealthReporterOptions, act: (text: string) => unknown = () => {}) {
  const health = createHealthReporter({ limit: true, pushback: true, ...options });
  const seen = { warmUp: 0, others: 0 };
  const handler = health.handler({
    routes: (router) =>
      router.service(EchoService, {
        async echo({ text }, { values }) {
          seen[values.get(isWarmUp) ? "warmUp" : "others"]++;
          await act(text);
          return { text };
        },
        update: ({ text }) => ({ text }),
      }),
  });
  return { health, handler, seen };
}

/** A server, and a client that calls it from outside. */
async function serve({ handler }: ReturnType<typeof setUp>) {
  const server = http2.createServer(handler);
  const baseUrl = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(async () => {
    sessionManager.abort();
    await closeServer(server);
  });
  return createClient(EchoService, createConnectTransport({ httpVersion: "2", baseUrl, sessionManager }));
}

function probe({ health }: ReturnType<typeof setUp>): number {
  const statuses: number[] = [];
  health.readiness(undefined, { writeHead: (status) => statuses.push(status), end: () => {} });
  return statuses[0] ?? 0;
}

describe.each(["connect", "grpc", "grpc-web"] as const)("calls that are played, in %s", (protocol) => {
  test("reach the routes until their latency has settled, count nowhere, and make the server ready", async () => {
    const set = setUp({ warmUp: { calls: [echo], protocol, ...quick } });
    expect([set.health.service.isServing(), probe(set)]).toEqual([false, 503]);
    expect(set.health.sampler.report().warmUp).toBe(0);
    const result = await set.health.warmedUp;
    expect(result).toMatchObject({ failed: 0, isSettled: true, error: undefined });
    expect(result.calls).toBeGreaterThanOrEqual(50);
    expect(set.seen).toEqual({ warmUp: result.calls, others: 0 });
    expect([set.health.service.isServing(), probe(set)]).toEqual([true, 200]);
    expect(set.health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 0 });
    expect(set.health.limit).toMatchObject({ inFlight: 0, shed: 0 });
  });
});

test("clients are told how far it came, and that it is warm a while later", async () => {
  const clock = manualClock();
  const now = () => performance.now();
  const { health } = setUp({ warmUp: { calls: [echo], ...quick, clock: { ...clock, now, after: clock.after } } });
  await health.warmedUp;
  expect(health.sampler.report().warmUp).toBeGreaterThan(0.89);
  clock.advance(10_000);
  expect(health.sampler.report().warmUp).toBeUndefined();
});

test("calls of clients are no calls of the warm-up, whatever they say", async () => {
  const set = setUp({});
  const client = await serve(set);
  await client.echo({ text: "x" }, { headers: { "is-warm-up": "true" } });
  expect(set.seen).toEqual({ warmUp: 0, others: 1 });
});

describe("a server says by a warning what is wrong, and is ready all the same,", () => {
  afterEach(() => {
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockReset();
  });

  test("when all its calls fail", async () => {
    const { health } = setUp({ warmUp: { calls: [echo], ...quick } }, () => {
      throw new Error("no database");
    });
    const { calls, failed, error } = await health.warmedUp;
    expect([failed, error?.message]).toEqual([calls, "[internal] internal error"]);
    expect(health.service.isServing()).toBe(true);
  });

  test("unless nothing has started its warm-up for 10 s", () => {
    const clock = manualClock();
    createHealthReporter({ warmUp: { calls: [echo], clock } });
    clock.advance(10_000);
    expect(warnings.mock.calls[0]?.[0]).toContain("health.startWarmUp()");
  });

  test("when its function throws", async () => {
    const { health } = setUp({
      warmUp: () => {
        throw new Error("no cache");
      },
    });
    expect(await health.warmedUp).toMatchObject({ error: { message: "no cache" } });
    expect(health.service.isServing()).toBe(true);
  });

  test("when the file of its recording is broken", async () => {
    const file = await fileWith("[");
    const { health } = setUp({ warmUp: { recording: { file } } });
    expect(await health.warmedUp).toMatchObject({ calls: 0, isSettled: true });
    expect(warnings.mock.calls[0]?.[0]).toContain(file);
  });
});

test("a server is ready after the time limit, though its calls never end", async () => {
  const clock = manualClock();
  const set = setUp({ warmUp: { calls: [echo], ...quick, clock, timeLimitMs: 5_000 } }, () => new Promise(() => {}));
  await eventually(() => set.seen.warmUp === 8);
  expect(set.health.service.isServing()).toBe(false);
  clock.advance(5_000);
  expect(await set.health.warmedUp).toMatchObject({ tookMs: 5_000, isSettled: false });
  expect(set.health.service.isServing()).toBe(true);
});

test("a function is waited for", async () => {
  const primed = Promise.withResolvers<void>();
  const set = setUp({ warmUp: () => primed.promise });
  await new Promise((resolve) => setImmediate(resolve));
  expect(probe(set)).toBe(503);
  primed.resolve();
  expect(await set.health.warmedUp).toMatchObject({ calls: 0, error: undefined });
  expect(probe(set)).toBe(200);
});

test("what a user says of the server's health is kept over the warm-up", async () => {
  const { health } = setUp({ warmUp: { calls: [echo], ...quick } });
  health.service.set("", false);
  await health.warmedUp;
  expect(health.service.isServing()).toBe(false);
});

test("without handler, the routes are given to startWarmUp", async () => {
  const health = createHealthReporter({ warmUp: { calls: [echo], ...quick } });
  health.startWarmUp({ routes: (router) => router.service(EchoService, { echo: ({ text }) => ({ text }) }) });
  expect(await health.warmedUp).toMatchObject({ failed: 0, isSettled: true });
});

async function fileWith(content?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "meshless-recording-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "calls.json");
  if (content !== undefined) await writeFile(file, content);
  return file;
}

describe("a recording", () => {
  const keep = (file: string, more: object = {}): WarmUpOptions => ({ ...quick, recording: { file, ...more } });

  /** Serves these calls, and drains: what there is then is written. */
  async function record(options: WarmUpOptions, calls: (client: Awaited<ReturnType<typeof serve>>) => Promise<unknown>) {
    const set = setUp({ warmUp: options });
    await set.health.warmedUp;
    await calls(await serve(set));
    const server = http2.createServer();
    await listenOnLoopback(server);
    await set.health.drainOnSignal(server, { signals: [], drainDelayMs: 0 }).start();
    return options.recording?.file as string;
  }

  test("of live traffic is played at the next start, and its file is its owner's alone", async () => {
    const file = await fileWith();
    await record(keep(file), (client) => client.echo({ text: "seen live" }));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const texts = new Set<string>();
    const { health } = setUp({ warmUp: keep(file) }, (text) => texts.add(text));
    expect((await health.warmedUp).calls).toBeGreaterThanOrEqual(50);
    expect([...texts]).toEqual(["seen live"]);
  });

  test("has no request of a method that may do something, unless it is named, and no field that is to be left out", async () => {
    const file = await fileWith();
    const call = (client: Awaited<ReturnType<typeof serve>>) => client.update({ text: "secret", behavior: { size: 3 } });
    await record(keep(file), call);
    await expect(stat(file)).rejects.toThrow("ENOENT");
    await record(keep(file, { methods: [EchoService.method.update], redact: ["text"] }), call);
    const [{ method, request }] = JSON.parse(await readFile(file, "utf8")).calls;
    expect(method).toBe("meshless.testing.v1.EchoService/Update");
    expect(fromBinary(EchoService.method.update.input, base64Decode(request))).toMatchObject({ text: "", behavior: { size: 3 } });
  });

  test("with methods that are gone is played without them", async () => {
    const calls = [
      { method: "shop.v1.Gone/Pay", request: "" },
      { method: "meshless.testing.v1.EchoService/Echo", request: "!!" },
      { method: "meshless.testing.v1.EchoService/Echo", request: "" },
    ];
    const file = await fileWith(JSON.stringify({ format: "meshless-recording-1", calls }));
    const set = setUp({ warmUp: keep(file) });
    expect(await set.health.warmedUp).toMatchObject({ failed: 0, error: undefined });
    expect(set.seen.warmUp).toBeGreaterThan(0);
  });
});
