import type { Endpoint } from "../endpoint.ts";
import type { PlugInFailed } from "./containment/faults.ts";

/** What happens inside a balancer and is worth telling. */
export type BalancerEvent =
  | { readonly type: "endpointAdded"; readonly endpoint: Endpoint }
  | { readonly type: "endpointRemoved"; readonly endpoint: Endpoint }
  | { readonly type: "endpointEjected"; readonly endpoint: Endpoint; readonly reason: string; readonly forMs: number }
  | { readonly type: "endpointReadmitted"; readonly endpoint: Endpoint }
  /** `eligible`: how many are so without panic. */
  | { readonly type: "panicChanged"; readonly panic: boolean; readonly eligible: number; readonly total: number }
  | PlugInFailed;
