import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { PlaneSnapshot } from "../../control-plane/src/admin/plane-snapshot.ts";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import {
  LoadReportingService,
  type LoadStatsRequest,
  LoadStatsRequestSchema,
} from "../../control-plane/src/gen/envoy/service/load_stats/v3/lrs_pb.ts";
import { type MemoryRegistry, memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import type { ServiceDefinition } from "../../control-plane/src/registry/service-definition.ts";
import { TestClient } from "./test-client.ts";

/** A control plane with services in two clusters, clients of which one refuses what it is sent, and its admin port. */
export interface WatchedPlane extends AsyncDisposable {
  readonly registry: MemoryRegistry;
  readonly admin: string;
  readonly clients: readonly TestClient[];
  snapshot(query?: string): Promise<PlaneSnapshot>;
  /** Calls of a client, as it reports them. */
  report(service: string, zone: string, succeeded: bigint, failed: bigint): Promise<void>;
}

export const [checkout, cart, mail] = ["checkout.shop:8080", "cart.shop:8080", "mail.shop:25"];
const zones = ["eu-1a", "eu-1b", "eu-1c"] as const;
export const reason = "checkout.shop:8080: unknown field, expected lb_policy";

/** @param size endpoints of the largest service */
export function checkoutOf(size: number): ServiceDefinition {
  const endpoints = Array.from({ length: size }, (_, index) => ({
    address: `10.${Math.floor(index / 200)}.0.${(index % 200) + 1}`,
    port: 8080,
    id: `checkout-${index + 1}`,
    region: "eu",
    zone: zones[index % zones.length] as string,
    health: index === 4 ? ("draining" as const) : index === 7 ? ("unhealthy" as const) : ("healthy" as const),
    labels: index % 10 === 9 ? { cluster: "west" } : {},
  }));
  return { endpoints, fallback: [cart], portName: "grpc" };
}

export async function openWatchedPlane(size: number): Promise<WatchedPlane> {
  const registry = memoryRegistry({
    [checkout]: checkoutOf(size),
    [cart]: { endpoints: ["10.9.0.1:8080", "10.9.0.2:8080", "127.0.0.1:8080"] },
    [mail]: {},
  });
  const plane = createControlPlane({ registry });
  const port = await plane.listen("127.0.0.1:0");
  const admin = `http://127.0.0.1:${await plane.listenAdmin("127.0.0.1:0")}/`;
  const clients = ["storefront-7f9c", "storefront-b21d", "report-0"].map((id, index) => {
    const client = new TestClient(port);
    client.node = { id, userAgentName: index === 2 ? "envoy" : "meshless", locality: { zone: zones[index] as string } };
    return client;
  });
  const [first, second, third] = clients as [TestClient, TestClient, TestClient];
  third.refusal = reason;
  const streams = [first.delta(true, checkout, cart), second.sotw(true, checkout), third.delta(true, checkout)];
  for (const stream of streams) await stream.next();
  const reading = streams.map((stream) => Array.fromAsync(stream).catch(() => {}));
  return {
    registry,
    admin,
    clients,
    snapshot: async (query = "") => (await (await fetch(`${admin}snapshot.json?${query}`)).json()) as PlaneSnapshot,
    report: (service, zone, succeeded, failed) => report(port, service, zone, succeeded, failed),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.cancel();
      await Promise.all(reading);
      await plane.close();
    },
  };
}

async function report(port: number, clusterName: string, zone: string, succeeded: bigint, failed: bigint): Promise<void> {
  const client = createClient(LoadReportingService, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
  const calls = { totalIssuedRequests: succeeded + failed, totalSuccessfulRequests: succeeded, totalErrorRequests: failed };
  const upstreamLocalityStats = [{ locality: { region: "eu", zone }, ...calls }];
  const requests = async function* (): AsyncGenerator<LoadStatsRequest> {
    yield create(LoadStatsRequestSchema, { node: { id: "reporter" }, clusterStats: [{ clusterName, upstreamLocalityStats }] });
  };
  await Array.fromAsync(client.streamLoadStats(requests()));
}
