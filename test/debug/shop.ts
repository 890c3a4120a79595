import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { consecutiveFailures } from "../../src/balancer/index.ts";
import { type DebugPage, serveDebugPage } from "../../src/debug/index.ts";
import { type BalancedTransport, type BalancedTransportOptions, createBalancedTransport, type Endpoint } from "../../src/index.ts";
import { healthReporting } from "../../src/server-hooks/index.ts";
import { type ScriptedSource, scriptedSource, testEndpoint } from "../../src/testing/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";

/** Servers over three zones, one of them slow, one that fails, one that drains; clients that call them; and the page of the first. */
export interface Shop extends AsyncDisposable {
  readonly source: ScriptedSource;
  readonly servers: readonly EchoServer[];
  readonly endpoints: readonly Endpoint[];
  readonly transports: readonly BalancedTransport[];
  readonly page: DebugPage;
}

export interface ShopOptions extends BalancedTransportOptions {
  readonly servers: number;
  /** Default: as many as servers. Where there are more, several have one server. */
  readonly size?: number;
  readonly clients: number;
  /** Of each client. */
  readonly callsPerSecond: number;
  readonly name?: string;
  readonly port?: number;
}

export const zones = ["eu-1a", "eu-1b", "eu-1c"] as const;
export const [slow, failing, draining] = ["checkout-3", "checkout-12", "checkout-20"];

const paceMs = 20;
/** The first failure is enough, for as long as anybody looks. */
const ejection = { detectors: [consecutiveFailures({ failures: 1 })], baseMs: 600_000, maxMs: 600_000 };

export async function openShop(given: ShopOptions): Promise<Shop> {
  const { servers, size = servers, clients, callsPerSecond, name = "storefront", port = 0, ...options } = given;
  const fleet = await Promise.all(Array.from({ length: servers }, (_, index) => startServer(`checkout-${index + 1}`)));
  const endpoints = Array.from({ length: size }, (_, index) =>
    endpointOf(`checkout-${index + 1}`, fleet[index % servers]?.port ?? 0, index),
  );
  const source = scriptedSource(endpoints);
  const transports = Array.from({ length: clients }, () =>
    createBalancedTransport(source, { authority: "checkout.shop:8080", ejection, ...options }),
  );
  const page = await serveDebugPage({ transports, port, name });
  const timers = transports.map((transport) => callSteadily(transport, callsPerSecond));
  return {
    source,
    servers: fleet,
    endpoints,
    transports,
    page,
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer);
      await page.close();
      await Promise.all(transports.map((transport) => transport.close()));
      await Promise.all(fleet.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

function endpointOf(id: string, port: number, index: number): Endpoint {
  return testEndpoint({
    id,
    port,
    weight: index % 10 === 7 ? 2 : 1,
    health: id === draining ? "draining" : "healthy",
    locality: { region: "eu", zone: zones[index % zones.length] as string },
    labels: { pod: `${id}-7f9c`, version: "v42" },
  });
}

function startServer(name: string): Promise<EchoServer> {
  return startEchoServer({
    name,
    interceptors: [healthReporting({ maxInFlight: 8 })],
    async onCall() {
      await new Promise((resolve) => setTimeout(resolve, name === slow ? 90 : 8 + 8 * Math.random()));
      if (name === failing) throw new ConnectError("connection to the database was refused", Code.Internal);
    },
  });
}

/** Independent of how long calls take. */
function callSteadily(transport: BalancedTransport, callsPerSecond: number): NodeJS.Timeout {
  const client = createClient(EchoService, transport);
  let due = 0;
  return setInterval(() => {
    for (due += (callsPerSecond * paceMs) / 1_000; due >= 1; due--) client.echo({ text: "pay" }).catch(() => {});
  }, paceMs);
}
