import { Code, ConnectError, createClient } from "@connectrpc/connect";
import type { AdsChannel } from "./discovery/xds/ads-channel.ts";
import { AggregatedDiscoveryService } from "./gen/envoy/service/discovery/v3/ads_pb.ts";
import type { DeltaDiscoveryRequest, DiscoveryRequest } from "./gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { BalancedTransport } from "./transport/balanced-transport.ts";

/** Streams to a control plane over a transport of our own, which finds another one of its addresses when one fails. */
export function controlPlaneChannel(transport: BalancedTransport): AdsChannel {
  const client = createClient(AggregatedDiscoveryService, transport);
  return {
    // The requests of a stream are of its variant.
    open: (variant, requests, signal) =>
      variant === "delta"
        ? client.deltaAggregatedResources(requests as AsyncIterable<DeltaDiscoveryRequest>, { signal })
        : client.streamAggregatedResources(requests as AsyncIterable<DiscoveryRequest>, { signal }),
    isUnimplemented: (error) => ConnectError.from(error).code === Code.Unimplemented,
    close: () => transport.close({ graceMs: 0 }),
  };
}
