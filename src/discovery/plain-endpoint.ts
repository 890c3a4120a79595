import type { Endpoint } from "../endpoint.ts";
import { hostAndPort } from "../host-and-port.ts";

/** An endpoint of which only the address is known; the rest has its defaults. */
export function plainEndpoint(address: string, port: number): Endpoint {
  return { id: hostAndPort(address, port), address, port, weight: 1, priority: 0, health: "healthy", labels: {} };
}
