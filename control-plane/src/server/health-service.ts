import { HealthService } from "meshless/server-hooks";
import { AggregatedDiscoveryService } from "../gen/envoy/service/discovery/v3/ads_pb.ts";

/** What this control plane says of itself: that it does not serve, until it is told that it does. */
export function healthService(): HealthService {
  const health = new HealthService([AggregatedDiscoveryService.typeName]);
  health.set("", false);
  return health;
}
