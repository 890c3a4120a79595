import { having } from "../check-options.ts";
import type { Clock } from "../clock.ts";
import type { BalancedTransport, TransportSnapshot } from "./balanced-transport.ts";
import type { CallObserver } from "./calls/call-observer.ts";

/** What watches a transport, such as `telemetry()` of `meshless/observability`. One serves any number of transports. */
export interface TransportTelemetry {
  /**
   * Called once for each transport, while it is created: its methods work from the next turn of the event loop on. Events end when it closes.
   *
   * @returns observers of its calls, beside that of the option `observer`
   */
  attach(transport: AttachedTransport): readonly CallObserver[];
}

/** A transport, as who watches it knows it. */
export interface AttachedTransport
  extends Pick<BalancedTransport, "inspect" | "events">,
    Pick<TransportSnapshot, "target" | "authority" | "zone"> {
  readonly protocol: "connect" | "grpc" | "grpc-web";
  /** The time that it goes by. */
  readonly clock: Clock;
}

export const checkTelemetry = having<TransportTelemetry>("telemetry({ ... }) of meshless/observability", "attach");
