import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from "../../gen/envoy/service/discovery/v3/discovery_pb.ts";

/** Incremental, or state of the world. */
export type AdsVariant = "delta" | "sotw";

export type AdsRequest = DeltaDiscoveryRequest | DiscoveryRequest;
export type AdsResponse = DeltaDiscoveryResponse | DiscoveryResponse;

/** What happens to a client of a control plane. Events of any stream but the last one that it asked for mean nothing to it. */
export type AdsEvent =
  | { readonly kind: "subscribe" | "unsubscribe"; readonly typeUrl: string; readonly names: readonly string[] }
  /** The stream stands: requests can be sent. */
  | { readonly kind: "opened"; readonly stream: number }
  | { readonly kind: "received"; readonly stream: number; readonly response: AdsResponse }
  /** The stream ended, or could not be opened. */
  | { readonly kind: "closed"; readonly stream: number; readonly reason: string; readonly isUnimplemented: boolean }
  /** The time is what the client asked to be woken at, or later. */
  | { readonly kind: "timer" };

/** What a client of a control plane wants done, in this order. */
export type AdsOutput<Value> =
  | { readonly kind: "open"; readonly stream: number; readonly variant: AdsVariant }
  | { readonly kind: "send"; readonly request: AdsRequest }
  | ResourceNews<Value>
  /** No stream brings answers: what was known stays in force. Told at each failure; ended by `answered`. */
  | { readonly kind: "unanswered"; readonly reason: string; readonly failures: number; readonly sinceMs: number }
  | { readonly kind: "answered" };

/** What has become known of a resource that is subscribed to. */
export type ResourceNews<Value> =
  /** It is there, or has changed; or nothing has changed, but what was refused before is good again. */
  | { readonly kind: "found"; readonly typeUrl: string; readonly name: string; readonly value: Value }
  /** The control plane says that there is no such resource, or said nothing of it for so long that there is none. */
  | { readonly kind: "missing"; readonly typeUrl: string; readonly name: string; readonly reason: MissingReason }
  /** A new state of it can't be used: the last good one, if there was one, stays in force. */
  | { readonly kind: "refused"; readonly typeUrl: string; readonly name: string; readonly problems: readonly string[] };

export type MissingReason = "removed" | "never sent";
