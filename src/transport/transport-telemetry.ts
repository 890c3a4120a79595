import { having } from "../check-options.ts";
import type { BalancedTransport, TransportSnapshot } from "./balanced-transport.ts";

/** What watches a transport, such as `telemetry()` of `meshless/observability`. One serves any number of transports. */
export interface TransportTelemetry {
  /**
   * Called once for each transport, while it is created: `inspect` works from the next turn of the event loop on. Events end when it closes.
   */
  attach(transport: AttachedTransport): void;
}

/** A transport, as who watches it knows it. */
export interface AttachedTransport
  extends Pick<BalancedTransport, "inspect" | "events" | "observe">,
    Pick<TransportSnapshot, "target" | "authority" | "zone"> {
  readonly protocol: "connect" | "grpc" | "grpc-web";
}

export const checkTelemetry = having<TransportTelemetry>("telemetry({ ... }) of meshless/observability", "attach");
