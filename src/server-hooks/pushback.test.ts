import http2 from "node:http2";
import { type CallOptions, type Client, Code, type ConnectError, createClient } from "@connectrpc/connect";
import {
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { describe, expect, onTestFinished, test } from "vitest";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { collect, sending } from "../../test/support/collect.ts";
import { failureOf } from "../../test/support/failure-of.ts";
import { closeServer, listenOnLoopback } from "../../test/support/listen.ts";
import { bouncedHeader, mayBounceHeader } from "../bounce.ts";
import { loadReportHeader } from "../orca.ts";
import { createHealthReporter, type HealthReporterOptions } from "./health-reporting.ts";

type EchoClient = Client<typeof EchoService>;

const transports = { connect: createConnectTransport, grpc: createGrpcTransport, "grpc-web": createGrpcWebTransport };
const protocols = Object.keys(transports) as (keyof typeof transports)[];
const exact = { minIntervalMs: 0, clock: { now: () => 0 }, eventLoop: () => ({ utilization: 0, delayMs: 0 }) };
const always = { limit: () => true, maxShare: 1 };

/** A server with pushback, and a stock client of it, which knows nothing of that. */
async function serve(options: HealthReporterOptions, protocol: keyof typeof transports = "connect") {
  const health = createHealthReporter({ ...exact, ...options });
  const held = Promise.withResolvers<void>();
  const routes: Parameters<typeof connectNodeAdapter>[0]["routes"] = (router) =>
    router.service(EchoService, {
      update: async ({ text }) => {
        if (text === "held") await held.promise;
        return { text };
      },
    });
  const server = http2.createServer(connectNodeAdapter({ routes, requestGate: health.requestGate, interceptors: [health.interceptor] }));
  const baseUrl = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(async () => {
    sessionManager.abort();
    await closeServer(server);
  });
  const client = createClient(EchoService, transports[protocol]({ httpVersion: "2", baseUrl, sessionManager }));
  return { health, client, release: held.resolve };
}

type Headed = Pick<CallOptions, "headers">;

const permitting = (value = "2"): Headed => ({ headers: { [mayBounceHeader]: value } });

async function wasBounced(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => false,
    (error: ConnectError) => error.metadata.get(bouncedHeader) === "1",
  );
}

async function bouncesOf(client: EchoClient, calls: number, options: Headed = permitting()): Promise<number> {
  let bounces = 0;
  for (let n = 0; n < calls; n++) if (await wasBounced(client.update({}, options))) bounces++;
  return bounces;
}

const calls: Readonly<Record<string, (client: EchoClient) => Promise<unknown>>> = {
  unary: (client) => client.update({}, permitting()),
  "server stream": (client) => collect(client.count({}, permitting())),
  "client stream": (client) => client.collect(sending({}), permitting()),
  "two-way stream": (client) => collect(client.chat(sending({}), permitting())),
};

describe.each(protocols)("a call that is bounced, in %s", (protocol) => {
  test.each(Object.entries(calls))("%s: says so, asks for no pause, and brings one report", async (_kind, call) => {
    const { client } = await serve({ pushback: always }, protocol);
    const { code, metadata } = await failureOf(call(client));
    expect(code).toBe(Code.ResourceExhausted);
    expect([metadata.get(bouncedHeader), metadata.get("grpc-retry-pushback-ms")]).toEqual(["1", "0"]);
    expect(metadata.get(loadReportHeader)).toMatch(/^[\w+/]+$/);
  });

  test("is neither in flight, nor answered, nor an error", async () => {
    const { client, health } = await serve({ pushback: always }, protocol);
    expect(await bouncesOf(client, 5)).toBe(5);
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 0, errorsPerSecond: 0 });
    expect(health.sampler.report()).not.toHaveProperty("latencyMs");
  });
});

describe("which calls are bounced", () => {
  test("none without a permit, or with one that is out of range", async () => {
    const { client } = await serve({ pushback: always });
    expect(await bouncesOf(client, 5, {})).toBe(0);
    for (const value of ["", "0", "3", "-1", "1, 2", "two"]) expect(await bouncesOf(client, 1, permitting(value))).toBe(0);
    for (const value of ["1", "2"]) expect(await bouncesOf(client, 1, permitting(value))).toBe(1);
  });

  test("none without the option", async () => {
    const { client } = await serve({ maxInFlight: 1e-9 });
    expect(await bouncesOf(client, 5)).toBe(0);
  });

  test.each<[string, HealthReporterOptions]>([
    ["maxInFlight", { maxInFlight: 2, pushback: true }],
    ["a limit of its own", { maxInFlight: 64, pushback: { limit: 2 } }],
    ["a function of the load", { maxInFlight: 4, pushback: { limit: ({ utilization }) => utilization >= 0.5 } }],
  ])("those at the limit: %s", async (_what, options) => {
    const { client, health, release } = await serve(options);
    const held = [client.update({ text: "held" }), client.update({ text: "held" })];
    while (health.sampler.inFlight < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(await bouncesOf(client, 3)).toBe(3);
    expect(await bouncesOf(client, 3, {})).toBe(0);
    release();
    await Promise.all(held);
    expect(await bouncesOf(client, 3)).toBe(0);
  });

  test.each([
    [undefined, 60],
    [0.1, 20],
    [0, 10],
  ])("no more than a share of them: maxShare %d, so %i of 100", async (maxShare, bounces) => {
    const { client } = await serve({ pushback: { limit: () => true, maxShare } });
    const count = await bouncesOf(client, 100);
    expect(count).toBeLessThanOrEqual(bounces);
    expect(count).toBeGreaterThanOrEqual(bounces - 2);
  });

  test("none by a limit that throws", async () => {
    const limit = () => {
      throw new Error("a bug");
    };
    const { client } = await serve({ pushback: { limit } });
    expect(await bouncesOf(client, 3)).toBe(0);
  });
});
