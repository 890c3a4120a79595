import { createServer } from "node:http";
import { constants } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import {
  type BalancedTransport,
  createBalancedTransport,
  createClient,
  type Endpoint,
  roundRobin,
  type TransportEvent,
} from "../../src/index.ts";
import { telemetry } from "../../src/observability/index.ts";
import { healthReporting } from "../../src/server-hooks/index.ts";
import { scriptedSource, testEndpoint } from "../../src/testing/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";

/** A fleet in which everything happens that metrics tell of, and what Prometheus scrapes of it. */
export interface WatchedFleet extends AsyncDisposable {
  /** Of the metrics, on loopback. */
  readonly port: number;
  /** Makes calls, and has endpoints come and go. */
  live(): Promise<void>;
}

const fails = () => {
  throw new ConnectError("out of order", Code.Unavailable);
};

export async function startWatchedFleet(): Promise<WatchedFleet> {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const otel = telemetry({ tracerProvider: new TracerProvider(), meterProvider: new MeterProvider({ readers: [exporter] }) });
  const metrics = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
  const interceptors = [otel.serverInterceptor, healthReporting()];
  let lives = 0;
  const servers = await Promise.all([
    startEchoServer({ interceptors }),
    startEchoServer({ interceptors, onCall: () => (lives % 4 < 3 ? fails() : undefined) }),
    startEchoServer({ interceptors, onCall: (call) => call.reset(constants.NGHTTP2_REFUSED_STREAM) }),
  ]);
  const endpoints = [...servers.map((server, index) => endpointOf(server, "aab"[index] as string)), endpointOf({ port: 1 }, "a")];
  const source = scriptedSource(endpoints);
  const common = {
    telemetry: otel,
    authority: "echo.shop:8080",
    policy: roundRobin(),
    ejection: { baseMs: 50, jitter: 0 },
    session: { pingIntervalMs: 20, pingIdleConnection: true },
    retry: { budget: { share: 0.01, minPerSecond: 1 } },
    observer: { onCall: fails },
  };
  const transports = ["a", "elsewhere"].map((zone) => createBalancedTransport(source, { ...common, zone }));
  const closed = createBalancedTransport(source, { ...common, authority: "closed.shop:8080" });
  await closed.close();
  const clients = transports.map((transport) => createClient(EchoService, transport));
  otel.attach(troubled(transports[0] as BalancedTransport));
  return {
    port: await listenOnLoopback(metrics),
    async live() {
      lives++;
      const calls = clients.flatMap((client) => Array.from({ length: 20 }, () => client.echo({ text: "hello" }).catch(() => {})));
      await Promise.all(calls);
      await callThatWaits(otel, endpoints);
      servers[0]?.drain();
      source.update(endpoints.slice(lives % 2));
      source.error(new Error("out to lunch"));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(transports.map((transport) => transport.close({ graceMs: 0 })));
      await closeServer(metrics);
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

function endpointOf({ port }: Pick<EchoServer, "port">, zone: string): Endpoint {
  return testEndpoint({ id: `${zone}-${port}`, address: "127.0.0.1", port, locality: { region: "eu", zone } });
}

/** Waits for its endpoints, longer than it takes to look. */
async function callThatWaits(otel: ReturnType<typeof telemetry>, endpoints: readonly Endpoint[]): Promise<void> {
  const source = scriptedSource();
  await using transport = createBalancedTransport(source, { telemetry: otel, authority: "echo.shop:8080" });
  const call = createClient(EchoService, transport).update({});
  await new Promise((resolve) => setTimeout(resolve, 20));
  source.update(endpoints.slice(0, 1));
  await call.catch(() => {});
}

/** A transport to which happens what takes long to bring about: certificates that can't be used. */
function troubled(transport: BalancedTransport): Parameters<ReturnType<typeof telemetry>["attach"]>[0] {
  async function* events(): AsyncIterableIterator<TransportEvent, undefined> {
    yield { type: "credentialsRenewed" };
    yield { type: "credentialsError", error: new Error("no certificate in it") };
    await new Promise(() => {});
    return undefined;
  }
  const { target, authority, zone } = transport.inspect();
  return { target, authority, zone, protocol: "connect", inspect: () => transport.inspect(), observe: transport.observe, events };
}
