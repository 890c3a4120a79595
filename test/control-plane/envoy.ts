import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { onTestFinished } from "vitest";
import { findPeer } from "../../scripts/peers.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import type { StartPeer } from "./peer.ts";

export type EnvoyVariant = "GRPC" | "DELTA_GRPC";

/** Whether Envoy is installed: `npm run peers` does that. */
export const hasEnvoy: boolean = findPeer("envoy") !== undefined;

/** Envoy as ingress: one listener, and one cluster whose endpoints come from the control plane, aggregated or by a stream of their own. */
export function envoyIngress(variant: EnvoyVariant, isAggregated: boolean): StartPeer {
  return async (controlPlanePort, service) => {
    return callsOf(askOf(await startEnvoy(config(variant, isAggregated, controlPlanePort, service))));
  };
}

/** Asks an Envoy's admin, in JSON. */
type Ask = (path: string) => Promise<unknown>;

function askOf(admin: string): Ask {
  return async (path) => (await fetch(`${admin}${path}`)).json();
}

/** Calls by way of its one listener, and says who answered. */
export async function callsOf(ask: Ask): Promise<() => Promise<string>> {
  const { listener_statuses: listeners } = (await ask("/listeners?format=json")) as {
    readonly listener_statuses: readonly { readonly local_address: { readonly socket_address: { readonly port_value: number } } }[];
  };
  const port = listeners[0]?.local_address.socket_address.port_value;
  const client = createClient(EchoService, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
  return async () => (await client.echo({ text: "x" })).server?.name ?? "nobody";
}

/** Envoy with all clusters that there are, and the routes of a service. Asks its admin, in JSON. */
export async function dynamicEnvoy(variant: EnvoyVariant, controlPlanePort: number, service: string): Promise<Ask> {
  return askOf(await startEnvoy(dynamicConfig(variant, controlPlanePort, service)));
}

/** @returns the address of its admin, once it is ready */
async function startEnvoy(config: object): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "envoy-"));
  writeFileSync(join(folder, "envoy.json"), JSON.stringify(config));
  const args = ["-c", "envoy.json", "--concurrency", "1", "-l", "warning", "--disable-hot-restart", "--admin-address-path", "admin"];
  const envoy = spawn(join(findPeer("envoy") ?? "", "envoy"), args, { cwd: folder, stdio: "inherit" });
  const exited = new Promise((resolve) => envoy.once("exit", resolve));
  onTestFinished(async () => {
    envoy.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true });
  });
  for (const endsAtMs = performance.now() + 30_000; performance.now() < endsAtMs; ) {
    const address = await readyAddress(join(folder, "admin")).catch(() => undefined);
    if (address !== undefined) return address;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Envoy is not ready after 30 s");
}

async function readyAddress(path: string): Promise<string | undefined> {
  const address = `http://${readFileSync(path, "utf8").trim()}`;
  return (await fetch(`${address}/ready`)).ok ? address : undefined;
}

function config(apiType: EnvoyVariant, isAggregated: boolean, controlPlanePort: number, service: string): object {
  const grpc = discoveryBy(apiType);
  const upstream = {
    name: "upstream",
    type: "EDS",
    lb_policy: "ROUND_ROBIN",
    eds_cluster_config: {
      service_name: service,
      eds_config: { resource_api_version: "V3", ...(isAggregated ? { ads: {} } : { api_config_source: grpc }) },
    },
    typed_extension_protocol_options: http2({}),
  };
  return {
    node,
    admin: { address: at(0) },
    ...(isAggregated && { dynamic_resources: { ads_config: grpc } }),
    cluster_manager: { load_stats_config: discoveryBy("GRPC") },
    static_resources: {
      listeners: [listener({ route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [toUpstream] }] } })],
      clusters: [upstream, controlPlane(controlPlanePort)],
    },
  };
}

/** With clusters and routes from the control plane as well. */
function dynamicConfig(apiType: EnvoyVariant, controlPlanePort: number, routes: string): object {
  const ads = { resource_api_version: "V3", ads: {} };
  return {
    node,
    admin: { address: at(0) },
    dynamic_resources: { ads_config: discoveryBy(apiType), cds_config: ads },
    static_resources: {
      listeners: [listener({ rds: { route_config_name: routes, config_source: ads } })],
      clusters: [controlPlane(controlPlanePort)],
    },
  };
}

const node = { id: "ingress", cluster: "ingress", locality: { region: "r", zone: "a" } };
const toUpstream = { match: { prefix: "/" }, route: { cluster: "upstream", timeout: "10s" } };

function discoveryBy(apiType: EnvoyVariant): object {
  return {
    api_type: apiType,
    transport_api_version: "V3",
    set_node_on_first_message_only: true,
    grpc_services: [{ envoy_grpc: { cluster_name: "control_plane" } }],
  };
}

function controlPlane(port: number): object {
  return {
    name: "control_plane",
    type: "STATIC",
    load_assignment: { cluster_name: "control_plane", endpoints: [{ lb_endpoints: [{ endpoint: { address: at(port) } }] }] },
    typed_extension_protocol_options: http2({ connection_keepalive: { interval: "30s", timeout: "5s" } }),
  };
}

function http2(options: object): object {
  return {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      explicit_http_config: { http2_protocol_options: options },
    },
  };
}

function listener(routes: object): object {
  return { address: at(0), filter_chains: [{ filters: [connectionManager(routes)] }] };
}

function connectionManager(routes: object): object {
  const extension = "type.googleapis.com/envoy.extensions.filters";
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type": `${extension}.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: "ingress",
      ...routes,
      http_filters: [{ name: "router", typed_config: { "@type": `${extension}.http.router.v3.Router` } }],
    },
  };
}

function at(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
