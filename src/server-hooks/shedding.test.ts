import http2 from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { describe, expect, onTestFinished, test } from "vitest";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { collect } from "../../test/support/collect.ts";
import { failureOf } from "../../test/support/failure-of.ts";
import { closeServer, listenOnLoopback } from "../../test/support/listen.ts";
import { bouncedHeader, mayBounceHeader } from "../bounce.ts";
import { Health } from "../gen/grpc/health/v1/health_pb.ts";
import { OrcaLoadReportSchema } from "../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import { fromOrca, loadReportHeader } from "../orca.ts";
import type { AdaptiveLimitOptions } from "./adaptive-limit.ts";
import { createHealthReporter, type HealthReporterOptions } from "./health-reporting.ts";

const transports = { connect: createConnectTransport, grpc: createGrpcTransport, "grpc-web": createGrpcWebTransport };
type Protocol = keyof typeof transports;
const protocols = Object.keys(transports) as Protocol[];
const exact = { minIntervalMs: 0, clock: { now: () => 0 }, eventLoop: () => ({ utilization: 0, delayMs: 0 }) };
const one = { minLimit: 1, maxLimit: 1, random: () => 0.5 };

/** A server whose limit is one call, which it has, and a stock client of it. */
async function serveFull(options: HealthReporterOptions = {}, protocol: Protocol = "connect") {
  const health = createHealthReporter({ ...exact, limit: one, ...options });
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const routes: Parameters<typeof health.handler>[0]["routes"] = (router) =>
    router.service(EchoService, {
      async update({ text }) {
        if (text !== "held") return { text };
        begun.resolve();
        await held.promise;
        return { text };
      },
      async *count() {
        yield { number: 1 };
      },
    });
  const server = http2.createServer(health.handler({ routes, requestGate: health.requestGate }));
  const baseUrl = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(async () => {
    sessionManager.abort();
    await closeServer(server);
  });
  const transport = transports[protocol]({ httpVersion: "2", baseUrl, sessionManager });
  const client = createClient(EchoService, transport);
  const first = client.update({ text: "held" });
  await begun.promise;
  const release = async () => {
    held.resolve();
    return first;
  };
  return { health, client, checks: createClient(Health, transport), release };
}

function reportOf({ metadata }: ConnectError) {
  return fromOrca(fromBinary(OrcaLoadReportSchema, base64Decode(metadata.get(loadReportHeader) ?? "")));
}

describe.each(protocols)("a call that is turned away, in %s", (protocol) => {
  test("asks for less, says when it may come again, and brings one report, which tells of the overload", async () => {
    const { client, release } = await serveFull({}, protocol);
    await failureOf(client.update({}));
    const error = await failureOf(client.update({}));
    expect(error.code).toBe(Code.ResourceExhausted);
    expect(error.rawMessage).toBe("the server has more calls than it can bear");
    expect([error.metadata.get("grpc-retry-pushback-ms"), error.metadata.get("retry-after")]).toEqual(["100", "1"]);
    expect(reportOf(error).utilization).toBeCloseTo(3, 5);
    await release();
  });

  test("is neither in flight, nor answered, nor an error; streams are turned away as well", async () => {
    const { client, health, release } = await serveFull({}, protocol);
    for (let n = 0; n < 3; n++) await failureOf(client.update({}));
    await failureOf(collect(client.count({})));
    expect(health.sampler.report()).toMatchObject({ inFlight: 1, requestsPerSecond: 0, errorsPerSecond: 0 });
    expect(health.limit).toMatchObject({ limit: 1, inFlight: 1, shed: 4 });
    await release();
    expect(health.limit).toMatchObject({ inFlight: 0 });
    expect(await client.update({ text: "after" })).toMatchObject({ text: "after" });
  });
});

test("health checks are answered at the limit", async () => {
  const { checks, release } = await serveFull();
  expect(await checks.check({})).toMatchObject({ status: 1 });
  await release();
});

test("a stream holds no place", async () => {
  const { client, health, release } = await serveFull();
  await release();
  const numbers = client.count({})[Symbol.asyncIterator]();
  expect((await numbers.next()).value?.number).toBe(1);
  expect(health.limit?.inFlight).toBe(0);
  expect(await client.update({ text: "beside" })).toMatchObject({ text: "beside" });
});

test("critical calls are taken beyond the limit, up to twice as many; one of unknown importance is normal", async () => {
  const priority: AdaptiveLimitOptions["priority"] = ({ requestHeader }) => {
    const plan = requestHeader.get("x-plan");
    if (plan === "broken") throw new Error("a bug");
    return plan === "paid" ? "critical" : (plan as "normal");
  };
  const { client, release } = await serveFull({ limit: { ...one, priority } });
  const planned = (plan: string) => client.update({ text: plan }, { headers: { "x-plan": plan } });
  expect(await planned("paid")).toMatchObject({ text: "paid" });
  for (const plan of ["", "toString", "broken"]) expect(await failureOf(planned(plan))).toMatchObject({ code: Code.ResourceExhausted });
  await release();
});

test("with pushback and no other limit, a call that may be bounced is bounced rather than turned away", async () => {
  const { client, health, release } = await serveFull({ pushback: true });
  const { metadata } = await failureOf(client.update({}, { headers: { [mayBounceHeader]: "1" } }));
  expect(metadata.get(bouncedHeader)).toBe("1");
  expect((await failureOf(client.update({}))).metadata.get(bouncedHeader)).toBeNull();
  expect(health.limit?.shed).toBe(1);
  await release();
});

test("utilization tells of an overload as long as calls were turned away within a second", async () => {
  let nowMs = 0;
  const { client, health, release } = await serveFull({ clock: { now: () => nowMs } });
  await failureOf(client.update({}));
  expect(health.sampler.report().utilization).toBeCloseTo(2, 5);
  nowMs = 999;
  expect(health.sampler.report().utilization).toBeGreaterThan(1);
  nowMs = 1_000;
  expect(health.sampler.report().utilization).toBe(0);
  await release();
});
