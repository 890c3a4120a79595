import { pathToFileURL } from "node:url";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createBalancedTransport } from "meshless";
import { type Echo, echo } from "./echo.ts";
import { grpcJs } from "./grpc-js.ts";
import { connectionToAny } from "./kube-proxy.ts";

/** How a client reaches the servers, from the simplest way to ours. */
export const SIDES = ["pinned", "round-robin", "balanced"] as const;
export type Side = (typeof SIDES)[number];

/** A client of one side. Servers come and go as the file says. */
export function connect(side: Side, endpointsFile: string): Echo {
  if (side === "round-robin") return grpcJs(endpointsFile);
  if (side === "balanced") return echo(createBalancedTransport(pathToFileURL(endpointsFile).href));
  const nodeOptions = { createConnection: connectionToAny(endpointsFile, Math.random) };
  return echo(createConnectTransport({ baseUrl: "http://echo.demo", httpVersion: "2", nodeOptions }));
}
