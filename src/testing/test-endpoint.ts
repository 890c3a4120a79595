import type { Endpoint } from "../endpoint.ts";
import { hostAndPort } from "../host-and-port.ts";

/** A healthy endpoint on 127.0.0.1, port 8080, of weight 1 and priority 0; its id is `address:port`. Any field can be given. */
export function testEndpoint(fields: Partial<Endpoint> = {}): Endpoint {
  const { address = "127.0.0.1", port = 8080 } = fields;
  return { id: hostAndPort(address, port), address, port, weight: 1, priority: 0, health: "healthy", labels: {}, ...fields };
}
