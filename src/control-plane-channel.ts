import { type CallOptions, Code, ConnectError, createClient } from "@connectrpc/connect";
import type { AdsChannel } from "./discovery/xds/ads-channel.ts";
import type { AdsRequest, AdsResponse, AdsVariant } from "./discovery/xds/ads-event.ts";
import { readToken } from "./discovery/xds/token-file.ts";
import { AggregatedDiscoveryService } from "./gen/envoy/service/discovery/v3/ads_pb.ts";
import type { DeltaDiscoveryRequest, DiscoveryRequest } from "./gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { BalancedTransport } from "./transport/balanced-transport.ts";

/**
 * Streams to a control plane, each over a transport of its own, which finds another one of its addresses when one fails. The connection ends with the
 * stream: one that stayed would be made anew by all clients in the moment in which a control plane ends.
 *
 * @param connect makes a transport
 * @param tokenFile of the token that is shown, if any: as it is when a stream is opened
 */
export function controlPlaneChannel(connect: () => BalancedTransport, tokenFile?: string): AdsChannel {
  const open = new Set<BalancedTransport>();
  const close = async (transport: BalancedTransport) => {
    open.delete(transport);
    await transport.close({ graceMs: 0 });
  };
  return {
    async *open(variant, requests, signal) {
      const headers = tokenFile === undefined ? undefined : { authorization: `Bearer ${await readToken(tokenFile)}` };
      const transport = connect();
      open.add(transport);
      try {
        yield* responses(transport, variant, requests, { signal, ...(headers && { headers }) });
      } finally {
        await close(transport);
      }
    },
    isUnimplemented: (error) => ConnectError.from(error).code === Code.Unimplemented,
    async close() {
      await Promise.all([...open].map(close));
    },
  };
}

/** The requests of a stream are of its variant. */
function responses(
  transport: BalancedTransport,
  variant: AdsVariant,
  requests: AsyncIterable<AdsRequest>,
  options: CallOptions,
): AsyncIterable<AdsResponse> {
  const client = createClient(AggregatedDiscoveryService, transport);
  return variant === "delta"
    ? client.deltaAggregatedResources(requests as AsyncIterable<DeltaDiscoveryRequest>, options)
    : client.streamAggregatedResources(requests as AsyncIterable<DiscoveryRequest>, options);
}
