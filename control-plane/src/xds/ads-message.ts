import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from "../gen/envoy/service/discovery/v3/discovery_pb.ts";

/** Incremental, or state of the world. */
export type AdsVariant = "delta" | "sotw";
export type AdsRequest = DeltaDiscoveryRequest | DiscoveryRequest;
export type AdsResponse = DeltaDiscoveryResponse | DiscoveryResponse;
