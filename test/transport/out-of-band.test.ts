import { type ConnectRouter, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Clock, systemClock } from "../../src/clock.ts";
import { type BalancedTransport, type BalancedTransportOptions, balanced } from "../../src/index.ts";
import { createHealthReporter, orcaService } from "../../src/server-hooks/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { balancedClient, readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { type EchoServer, type EchoServerOptions, startEchoServer } from "../support/echo-server.ts";
import { testPki } from "../support/test-pki.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

/** A server that reports its load out of band alone, and its sampler. */
async function startReporting(options: EchoServerOptions & { readonly clock?: Clock } = {}) {
  const { clock = systemClock } = options;
  const { sampler } = createHealthReporter({ eventLoop: () => ({ utilization: 0, delayMs: 0 }) });
  const routes = (router: ConnectRouter) => orcaService(router, sampler, { minIntervalMs: 1, clock });
  return { server: use(await startEchoServer({ ...options, routes })), sampler };
}

const reportsOf = (transport: BalancedTransport) => transport.inspect().endpoints.map(({ report }) => report);
const streamsOf = (server: EchoServer) => server.calls.filter(({ method }) => method === "StreamCoreMetrics");

it.each(["connect", "grpc", "grpc-web"] as const)("what a server says of itself is known before the first call: %s", async (protocol) => {
  const { server, sampler } = await startReporting();
  sampler.begin();
  const seen: string[] = [];
  const noting: Interceptor = (next) => (request) => {
    seen.push(request.method.name);
    return next(request);
  };
  const { transport } = await readyClient(staticTarget(server), {
    protocol,
    reportIntervalMs: 100,
    interceptors: [noting],
    attemptInterceptors: [noting],
    observer: { onCall: ({ method }) => void seen.push(method) },
  });
  await eventually(() => reportsOf(transport)[0]?.inFlight === 1);
  sampler.begin();
  await eventually(() => reportsOf(transport)[0]?.inFlight === 2);
  sampler.startDraining();
  await eventually(() => reportsOf(transport)[0]?.draining === true);
  expect(transport.inspect().endpoints).toMatchObject([{ inFlight: 0, sessions: [{ streams: 0 }], outcomes: { success: 0, failure: 0 } }]);
  expect(transport.inspect().notices).toEqual([]);
  expect(seen).toEqual([]);
});

it("a client with few calls makes them where the load is low", async () => {
  const [clock, serverClock] = [manualClock(), manualClock()];
  const onCall: EchoServerOptions["onCall"] = ({ method }) => void (method === "Update" && clock.advance(50));
  const start = (name: string) => startReporting({ name, onCall, clock: serverClock });
  const [busy, idle] = [await start("busy"), await start("idle")];
  for (let call = 0; call < 20; call++) busy.sampler.begin();
  const callsToBusy = async (options: BalancedTransportOptions) => {
    const { client, transport } = await readyClient(staticTarget(busy.server, idle.server), { clock, ...options });
    const areFresh = () => transport.inspect().endpoints.every(({ reportAgeMs }) => reportAgeMs === 0);
    let calls = 0;
    for (let call = 0; call < 50; call++) {
      clock.advance(5_000);
      if (options.reportIntervalMs !== undefined) {
        await eventually(() => serverClock.pending === 2);
        serverClock.advance(options.reportIntervalMs);
        await eventually(areFresh);
      }
      if ((await client.update({})).server?.name === "busy") calls++;
    }
    return calls;
  };
  expect(await callsToBusy({})).toBeGreaterThan(15);
  expect(await callsToBusy({ reportIntervalMs: 500 })).toBeLessThan(5);
});

describe("a server without the service", () => {
  it("does its calls all the same, and the client says so", async () => {
    const server = use(await startEchoServer());
    const { client, transport } = await readyClient(staticTarget(server), { reportIntervalMs: 100 });
    await eventually(() => transport.inspect().notices.length > 0);
    const nothing = `reportIntervalMs does nothing for ${server.address} of ${staticTarget(server)}: it has no service xds.service.orca.v3.OpenRcaService`;
    expect(transport.inspect().notices).toEqual([{ code: "reports-not-offered", message: expect.stringContaining(nothing) }]);
    await client.update({});
    expect(transport.inspect().endpoints).toMatchObject([{ outcomes: { success: 1 }, ejection: "none" }]);
  });
});

it("over TLS the stream has the authority of the calls", async () => {
  const pki = await testPki();
  const { server } = await startReporting({ tls: await pki.issue("checkout.shop") });
  const { transport } = await readyClient(staticTarget(server), { authority: "checkout.shop", tls: { ca: pki.ca }, reportIntervalMs: 100 });
  await eventually(() => reportsOf(transport)[0] !== undefined);
  expect(streamsOf(server).map(({ headers }) => headers[":authority"])).toEqual(["checkout.shop"]);
});

it("a server that tells its clients to go is not held by the stream", async () => {
  const { server } = await startReporting();
  const { transport } = await readyClient(staticTarget(server), { reportIntervalMs: 100 });
  await eventually(() => reportsOf(transport)[0] !== undefined);
  server.drain();
  await server.until(() => server.openConnections() === 0);
  expect(streamsOf(server).map(({ closed }) => closed)).toEqual([true]);
});

it("a client that goes leaves no stream and no connection behind", async () => {
  const { server } = await startReporting();
  const { transport } = balancedClient(staticTarget(server), { reportIntervalMs: 100 });
  await eventually(() => reportsOf(transport)[0] !== undefined);
  await transport.close();
  await server.until(() => server.openConnections() === 0 && streamsOf(server).every(({ closed }) => closed));
});

it("a client that was made of connect-node's options asks too", async () => {
  const { server } = await startReporting();
  const baseUrl = `http://${server.address}`;
  const transport = use(balanced(createConnectTransport, { baseUrl, httpVersion: "2" }, { reportIntervalMs: 100 }));
  await createClient(EchoService, transport).echo({});
  await eventually(() => reportsOf(transport)[0] !== undefined);
});

describe("a server of @grpc/grpc-js", () => {
  async function startGrpcServer(prepare: (server: grpc.Server) => void): Promise<{ readonly address: string }> {
    const server = new grpc.Server();
    prepare(server);
    onTestFinished(() => server.forceShutdown());
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    return { address: `127.0.0.1:${port}` };
  }

  it("tells its load by its own ORCA service", async () => {
    const recorder = new grpc.ServerMetricRecorder();
    recorder.setApplicationUtilizationMetric(0.75);
    recorder.setQpsMetric(12);
    const server = await startGrpcServer((server) => recorder.addToServer(server));
    const { transport } = await readyClient(staticTarget(server), { reportIntervalMs: 100 });
    await eventually(() => reportsOf(transport)[0]?.utilization === 0.75);
    expect(reportsOf(transport)).toMatchObject([{ requestsPerSecond: 12 }]);
    recorder.setApplicationUtilizationMetric(0.25);
    await eventually(() => reportsOf(transport)[0]?.utilization === 0.25);
  });

  it("without that service says UNIMPLEMENTED, which is understood", async () => {
    const server = await startGrpcServer(() => {});
    const { transport } = await readyClient(staticTarget(server), { reportIntervalMs: 100 });
    await eventually(() => transport.inspect().notices[0]?.code === "reports-not-offered");
    expect(transport.inspect().endpoints).toMatchObject([{ connectivity: "ready" }]);
  });
});
