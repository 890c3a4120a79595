import type { Endpoint } from "../endpoint.ts";
import { hostAndPort } from "../host-and-port.ts";

/** The endpoint of which nothing is known but where it is. */
export function plainEndpoint(address: string, port: number): Endpoint {
  return { id: hostAndPort(address, port), address, port, weight: 1, priority: 0, health: "healthy", labels: {} };
}
