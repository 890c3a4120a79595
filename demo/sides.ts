import { createConnectTransport } from "@connectrpc/connect-node";
import { type BalancedTransport, createBalancedTransport } from "meshless";
import type { DiscoveryAddress } from "./discovery.ts";
import { type Echo, echo } from "./echo.ts";
import { grpcJs } from "./grpc-js.ts";
import { connectionToAny } from "./kube-proxy.ts";
import { SERVICE } from "./services-file.ts";

/** How a client reaches the servers, from the simplest way to ours. */
export const SIDES = ["pinned", "round-robin", "balanced"] as const;
export type Side = (typeof SIDES)[number];

/**
 * A client of one side. Both that balance hear of servers from the control plane; kube-proxy, which does not, has its own way.
 *
 * @param onTransport is told of ours, to be looked at
 */
export async function connect(
  side: Side,
  from: DiscoveryAddress,
  onTransport: (transport: BalancedTransport) => Promise<void>,
): Promise<Echo> {
  const { controlPlane, servicesFile } = from;
  if (side === "round-robin") return grpcJs(controlPlane);
  if (side === "balanced") {
    const transport = createBalancedTransport(`xds:///${SERVICE}`, { discovery: { xds: { controlPlane } } });
    await onTransport(transport);
    return echo(transport);
  }
  const nodeOptions = { createConnection: connectionToAny(servicesFile, Math.random) };
  return echo(createConnectTransport({ baseUrl: "http://echo.demo", httpVersion: "2", nodeOptions }));
}
