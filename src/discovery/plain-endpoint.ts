import type { Endpoint } from "../endpoint.ts";
import { joinHostPort } from "./host-port.ts";

/** The endpoint of which nothing is known but where it is. */
export function plainEndpoint(address: string, port: number): Endpoint {
  return { id: joinHostPort(address, port), address, port, weight: 1, priority: 0, health: "healthy", labels: {} };
}
