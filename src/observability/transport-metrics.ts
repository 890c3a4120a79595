import type { Attributes } from "@opentelemetry/api";
import type { Endpoint } from "../endpoint.ts";
import type { TransportEvent } from "../transport/events/event-catalogue.ts";
import type { Measuring } from "./client-metrics.ts";
import { endpointLabel, localityLabel } from "./endpoint-labels.ts";

/** Counts what happens to the endpoints and sessions of one transport. */
export class TransportMetrics {
  readonly #measuring: Measuring;
  readonly #target: Attributes;

  constructor(measuring: Measuring, target: string) {
    this.#measuring = measuring;
    this.#target = { "grpc.target": target };
  }

  onEvent(event: TransportEvent): void {
    const { instruments } = this.#measuring;
    const target = this.#target;
    switch (event.type) {
      case "endpointAdded":
        return instruments["meshless.endpoint.changes"].add(1, { ...target, "meshless.change": "added" });
      case "endpointRemoved":
        return instruments["meshless.endpoint.changes"].add(1, { ...target, "meshless.change": "removed" });
      case "endpointEjected":
        return instruments["meshless.ejections"].add(1, this.#ofEndpoint(event.endpoint));
      case "endpointReadmitted":
        return instruments["meshless.readmissions"].add(1, this.#ofEndpoint(event.endpoint));
      case "endpointsUpdated":
        return this.#discovery(event.listed === undefined ? "no_such_service" : "accepted");
      case "sourceError":
        return this.#discovery("failed");
      case "credentialsRenewed":
        return this.#credentials("renewed");
      case "credentialsError":
        return this.#credentials("unusable");
      case "renewalFailed":
        return this.#credentials("refused");
      case "notice":
        return instruments["meshless.notices"].add(1, { ...target, "meshless.notice": event.code });
      case "plugInFailed":
        return instruments["meshless.plug_in.failures"].add(1, { ...target, "meshless.plug_in": event.plugIn });
      case "pingAnswered":
        return instruments["meshless.session.ping.duration"].record(event.durationMs / 1_000, this.#ofSession(event.endpoint));
      case "sessionOpened":
        instruments["grpc.subchannel.connection_attempts_succeeded"].add(1, this.#ofSession(event.endpoint));
        return instruments["grpc.subchannel.open_connections"].add(1, this.#ofSession(event.endpoint));
      case "sessionClosed":
        return this.#onSessionClosed(event);
    }
  }

  #onSessionClosed({ endpoint, wasOpen, disconnectError }: TransportEvent & { readonly type: "sessionClosed" }): void {
    const { instruments } = this.#measuring;
    const labels = this.#ofSession(endpoint);
    if (wasOpen) {
      instruments["grpc.subchannel.open_connections"].add(-1, labels);
      instruments["grpc.subchannel.disconnections"].add(1, { ...labels, "grpc.disconnect_error": disconnectError });
    } else if (disconnectError !== "subchannel shutdown") {
      instruments["grpc.subchannel.connection_attempts_failed"].add(1, labels);
    }
  }

  #discovery(result: "accepted" | "failed" | "no_such_service"): void {
    this.#measuring.instruments["meshless.discovery.updates"].add(1, { ...this.#target, "meshless.result": result });
  }

  #credentials(result: "renewed" | "unusable" | "refused"): void {
    this.#measuring.instruments["meshless.credentials.renewals"].add(1, { ...this.#target, "meshless.result": result });
  }

  #ofEndpoint(endpoint: Endpoint): Attributes {
    return { ...this.#target, ...endpointLabel(endpoint, this.#measuring) };
  }

  #ofSession(endpoint: Endpoint): Attributes {
    return { ...this.#target, ...localityLabel(endpoint, this.#measuring) };
  }
}
