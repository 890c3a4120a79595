import type { IncomingMessage, ServerResponse } from "node:http";
import type { Meter } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { LoadObserver } from "../load/load-reports.ts";
import type { Measure } from "../measure.ts";
import { typeOfUrl } from "../resource.ts";
import type { StreamObserver } from "../xds/stream-observer.ts";

/** What is measured when it is asked for. */
export interface Gauges {
  readonly services: number;
  readonly endpoints: number;
  readonly refusedEndpoints: number;
  readonly isComplete: boolean;
  readonly isInTrouble: boolean;
  readonly isTlsInTrouble: boolean;
  readonly isAllowListInTrouble: boolean;
}

/** Counts of this control plane alone, by type and variant and never by client: clients are many, and say themselves who they are. */
export class Metrics {
  readonly observer: StreamObserver;
  readonly load: LoadObserver;
  readonly tlsFailed: () => void;
  readonly #exporter = new PrometheusExporter({ preventServerStart: true });
  // Whoever counts load bounds how many series there are.
  readonly #meter = new MeterProvider({
    readers: [this.#exporter],
    views: [{ instrumentName: "meshless.control_plane.load.*", aggregationCardinalityLimit: Number.POSITIVE_INFINITY }],
  }).getMeter("meshless-control-plane");

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
    gauge("tls.trouble", "1 while the last good certificates stand in for what can't be used", ({ isTlsInTrouble }) => isTlsInTrouble);
    gauge("allow_list.trouble", "1 while the last good list stands in for what can't be read", ({ isAllowListInTrouble: is }) => is);
    this.observer = countStreams(new Counters(meter));
    const failures = meter.createCounter("meshless.control_plane.tls.failures", { description: "TLS connections that did not come about" });
    this.tlsFailed = () => failures.add(1);
    this.load = countLoad(meter);
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

const propagationSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

class Counters {
  readonly streams;
  readonly ended;
  readonly turnedAway;
  readonly behind;
  readonly responses;
  readonly resources;
  readonly refusals;
  readonly denials;
  readonly propagation;

  constructor(meter: Meter) {
    const counter = (name: string, description: string) => meter.createCounter(`meshless.control_plane.${name}`, { description });
    this.streams = meter.createUpDownCounter("meshless.control_plane.streams", { description: "Streams that are open" });
    this.ended = counter("streams.ended", "Streams that have ended");
    this.turnedAway = counter("streams.turned_away", "Streams that were not let in");
    this.behind = counter(
      "streams.behind",
      "Streams of clients that knew of later from another replica, and were kept waiting for this one to catch up",
    );
    this.responses = counter("responses", "Responses that were sent");
    this.resources = counter("resources", "Resources in them");
    this.refusals = counter("refusals", "Responses that clients refused");
    this.denials = counter("denials", "Resources that clients asked for and may not have");
    this.propagation = meter.createHistogram("meshless.control_plane.propagation", {
      description: "From a change in the registry until a client has accepted it",
      unit: "s",
      advice: { explicitBucketBoundaries: propagationSeconds },
    });
  }
}

function countStreams({
  streams,
  ended,
  turnedAway,
  behind,
  responses,
  resources,
  refusals,
  denials,
  propagation,
}: Counters): StreamObserver {
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
    propagated: (_, type, tookMs) => propagation.record(tookMs / 1_000, { type }),
    denied: (_, type) => denials.add(1, { type }),
    behind: ({ machine: { variant } }) => behind.add(1, { variant }),
    turnedAway: (reason) => turnedAway.add(1, { reason }),
  };
}

function countLoad(meter: Meter): LoadObserver {
  const counter = (name: string, description: string) => meter.createCounter(`meshless.control_plane.load.${name}`, { description });
  const reports = counter("reports", "Reports of load from clients");
  const calls = counter("calls", "Calls that clients made, by what became of them");
  const dropped = counter("dropped", "Calls that clients were told to drop");
  return {
    reported: () => reports.add(1),
    calls: (where, outcome, count) => calls.add(count, { ...where, outcome }),
    dropped: (service, count) => dropped.add(count, { service }),
  };
}
