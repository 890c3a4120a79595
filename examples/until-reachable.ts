import type { BalancedTransport } from "meshless";
import type { EchoServer } from "./echo-server.ts";

/** Resolves when the transport has a session to each of these servers. To be called before it has any. */
export async function untilReachable(transport: BalancedTransport, servers: readonly EchoServer[]): Promise<void> {
  const missing = new Set(servers.map(({ port }) => port));
  for await (const event of transport.events()) {
    if (event.type === "endpointReady") missing.delete(event.endpoint.port);
    if (missing.size === 0) return;
  }
}
