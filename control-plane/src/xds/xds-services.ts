import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import { ClusterDiscoveryService } from "../gen/envoy/service/cluster/v3/cds_pb.ts";
import { AggregatedDiscoveryService } from "../gen/envoy/service/discovery/v3/ads_pb.ts";
import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { EndpointDiscoveryService } from "../gen/envoy/service/endpoint/v3/eds_pb.ts";
import { ListenerDiscoveryService } from "../gen/envoy/service/listener/v3/lds_pb.ts";
import { RouteDiscoveryService } from "../gen/envoy/service/route/v3/rds_pb.ts";
import type { ResourceType } from "../resource.ts";
import type { AdsRequest, AdsVariant } from "./ads-message.ts";
import { type Identify, identified } from "./identified.ts";
import { sharingBytes } from "./shared-bytes.ts";
import type { StreamHost } from "./stream-host.ts";

/** The aggregated service, and one for each type, in both variants. */
export function xdsServices(router: ConnectRouter, host: StreamHost, identify: Identify): void {
  const carry = (variant: AdsVariant, only: ResourceType | undefined, requests: AsyncIterable<AdsRequest>, context: HandlerContext) =>
    sharingBytes(
      identified(context, identify, (connection) => host.carry(variant, only, requests, connection, context.signal)),
      context,
    );
  const delta = (only?: ResourceType) => (requests: AsyncIterable<DeltaDiscoveryRequest>, context: HandlerContext) =>
    carry("delta", only, requests, context) as AsyncIterable<DeltaDiscoveryResponse>;
  const sotw = (only?: ResourceType) => (requests: AsyncIterable<DiscoveryRequest>, context: HandlerContext) =>
    carry("sotw", only, requests, context) as AsyncIterable<DiscoveryResponse>;
  router.service(AggregatedDiscoveryService, { deltaAggregatedResources: delta(), streamAggregatedResources: sotw() });
  router.service(EndpointDiscoveryService, { deltaEndpoints: delta("endpoints"), streamEndpoints: sotw("endpoints") });
  router.service(ClusterDiscoveryService, { deltaClusters: delta("cluster"), streamClusters: sotw("cluster") });
  router.service(ListenerDiscoveryService, { deltaListeners: delta("listener"), streamListeners: sotw("listener") });
  router.service(RouteDiscoveryService, { deltaRoutes: delta("routes"), streamRoutes: sotw("routes") });
}
