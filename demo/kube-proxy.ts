import { connect, type Socket } from "node:net";
import { readEndpoints } from "./services-file.ts";

/**
 * Stands for a ClusterIP service: a new connection goes to a random endpoint of those listed at the moment, and stays
 * there. Nothing is relayed, as with kube-proxy's own rules, so that the pinned side pays no extra hop.
 */
export function connectionToAny(servicesFile: string, random: () => number): () => Socket {
  return () => {
    const endpoints = readEndpoints(servicesFile);
    const endpoint = endpoints[Math.floor(random() * endpoints.length)];
    if (!endpoint) throw new Error(`no endpoint to connect to: ${servicesFile} is empty`);
    return connect(endpoint.port, endpoint.address);
  };
}
