import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { use } from "../support/use.ts";
import type { Peer } from "./peer.ts";

/** Our own client. Its calls are not to be repeated, unless `method` is `echo`. */
export function meshlessPeer(first: "endpoints" | "listener", method: "echo" | "update" = "update"): Peer {
  return {
    name: `meshless, ${first} first`,
    async start(port, service) {
      const discovery = { xds: { controlPlane: `127.0.0.1:${port}`, first } };
      const transport = use(createBalancedTransport(`xds:///${service}`, { discovery, slowStart: false, endpointsTimeoutMs: 60_000 }));
      await transport.ready();
      const client = createClient(EchoService, transport);
      return async () => (await client[method]({ text: "x" })).server?.name ?? "nobody";
    },
  };
}
