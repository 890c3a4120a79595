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

/** What happens to a client of control planes. Events of any stream but the last one that it asked for from each of them mean nothing to it. */
export type AdsEvent =
  | { readonly kind: "subscribe" | "unsubscribe"; readonly typeUrl: string; readonly names: readonly string[] }
  /** The stream stands: requests can be sent. */
  | { readonly kind: "opened"; readonly stream: number }
  | { readonly kind: "received"; readonly stream: number; readonly response: AdsResponse }
  /** The stream ended, or could not be opened. */
  | { readonly kind: "closed"; readonly stream: number; readonly reason: string; readonly isUnimplemented: boolean }
  /** The time is what the client asked to be woken at, or later. */
  | { readonly kind: "timer" };

/** What a client of control planes wants done, in this order. `server` is the place of a control plane in the order in which they are asked. */
export type AdsOutput<Value> =
  | { readonly kind: "open"; readonly server: number; readonly stream: number; readonly variant: AdsVariant }
  /** On the stream that was opened last to this one. */
  | { readonly kind: "send"; readonly server: number; readonly request: AdsRequest }
  /** It is not asked any more: its stream and its connections are to end. */
  | { readonly kind: "close"; readonly server: number }
  | ResourceNews<Value>
  /** A control plane brings no answers: what was known stays in force. Told at each failure; ended by `answered`. */
  | { readonly kind: "unanswered"; readonly server: number; readonly reason: string; readonly failures: number; readonly sinceMs: number }
  /** From here on this one is heard, beside those before it, which do not answer. */
  | { readonly kind: "fallback"; readonly server: number }
  /** It does again. Those after it are not asked any more. */
  | { readonly kind: "answered"; readonly server: number };

/** What has become known of a resource that is subscribed to. */
export type ResourceNews<Value> =
  /** It is there, or has changed; or nothing has changed, but what was refused before is good again. */
  | { readonly kind: "found"; readonly typeUrl: string; readonly name: string; readonly value: Value }
  /** The control plane says that there is no such resource, or said nothing of it for so long that there is none. */
  | { readonly kind: "missing"; readonly typeUrl: string; readonly name: string; readonly reason: MissingReason }
  /** A new state of it can't be used: the last good one, if there was one, stays in force. */
  | { readonly kind: "refused"; readonly typeUrl: string; readonly name: string; readonly problems: readonly string[] };

export type MissingReason = "removed" | "never sent";
