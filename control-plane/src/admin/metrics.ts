import type { IncomingMessage, ServerResponse } from "node:http";
import type { Meter } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { Measure } from "../measure.ts";
import { type ResourceType, typeUrls } from "../resource.ts";
import type { StreamObserver } from "../xds/stream-observer.ts";

/** What is measured when it is asked for. */
export interface Gauges {
  readonly services: number;
  readonly endpoints: number;
  readonly refusedEndpoints: number;
  readonly isComplete: boolean;
  readonly isInTrouble: boolean;
}

const typeOfUrl = new Map<string, ResourceType>(Object.entries(typeUrls).map(([type, url]) => [url, type as ResourceType]));

/** Counts of this control plane alone, by type and variant and never by client: clients are many, and say themselves who they are. */
export class Metrics {
  readonly observer: StreamObserver;
  readonly #exporter = new PrometheusExporter({ preventServerStart: true });
  readonly #meter = new MeterProvider({ readers: [this.#exporter] }).getMeter("meshless-control-plane");

  constructor(gauges: () => Gauges) {
    const meter = this.#meter;
    const gauge = (name: string, description: string, read: (gauges: Gauges) => number | boolean) => {
      meter.createObservableGauge(`meshless.control_plane.${name}`, { description }).addCallback((result) => {
        result.observe(Number(read(gauges())));
      });
    };
    gauge("registry.services", "Services that are known", ({ services }) => services);
    gauge("registry.endpoints", "Endpoints of all services", ({ endpoints }) => endpoints);
    gauge("registry.refused_endpoints", "Endpoints at addresses where none may be", ({ refusedEndpoints }) => refusedEndpoints);
    gauge("registry.complete", "1 when all services have been told, 0 before", ({ isComplete }) => isComplete);
    gauge("registry.trouble", "1 while the last good state stands in for what can't be read", ({ isInTrouble }) => isInTrouble);
    this.observer = countStreams(new Counters(meter));
  }

  /** Takes in what others measure of themselves. */
  add(measures: readonly Measure[]): void {
    for (const { name, description, kind, read } of measures) {
      const create = kind === "counter" ? "createObservableCounter" : "createObservableGauge";
      this.#meter[create](`meshless.control_plane.${name}`, { description }).addCallback((result) => {
        for (const { value, labels } of read()) result.observe(value, labels);
      });
    }
  }

  /** Answers with all of them, in the text format of Prometheus. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    this.#exporter.getMetricsRequestHandler(request, response);
  }
}

class Counters {
  readonly streams;
  readonly ended;
  readonly turnedAway;
  readonly responses;
  readonly resources;
  readonly refusals;

  constructor(meter: Meter) {
    const counter = (name: string, description: string) => meter.createCounter(`meshless.control_plane.${name}`, { description });
    this.streams = meter.createUpDownCounter("meshless.control_plane.streams", { description: "Streams that are open" });
    this.ended = counter("streams.ended", "Streams that have ended");
    this.turnedAway = counter("streams.turned_away", "Streams that were not let in");
    this.responses = counter("responses", "Responses that were sent");
    this.resources = counter("resources", "Resources in them");
    this.refusals = counter("refusals", "Responses that clients refused");
  }
}

function countStreams({ streams, ended, turnedAway, responses, resources, refusals }: Counters): StreamObserver {
  return {
    opened: ({ machine: { variant } }) => streams.add(1, { variant }),
    closed({ machine: { variant } }) {
      streams.add(-1, { variant });
      ended.add(1, { variant });
    },
    requested({ machine: { variant } }, { errorDetail }, state) {
      if (errorDetail !== undefined && state !== undefined) refusals.add(1, { type: state.type, variant });
    },
    responded({ machine: { variant } }, response) {
      const labels = { type: typeOfUrl.get(response.typeUrl) ?? "", variant };
      responses.add(1, labels);
      resources.add(response.resources.length, labels);
    },
    turnedAway: (reason) => turnedAway.add(1, { reason }),
  };
}
