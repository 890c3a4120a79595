import type { Counter, Histogram, Meter, MetricOptions, ObservableCounter, ObservableGauge, UpDownCounter } from "@opentelemetry/api";
import { type Metric, type MetricName, metricCatalogue } from "./metric-catalogue.ts";

interface InstrumentOf {
  readonly counter: Counter;
  readonly upDownCounter: UpDownCounter;
  readonly histogram: Histogram;
  readonly gauge: ObservableGauge;
  readonly observableCounter: ObservableCounter;
}

/** An instrument for each metric of the catalogue, by its name. */
export type Instruments = { readonly [Name in MetricName]: InstrumentOf[(typeof metricCatalogue)[Name]["kind"]] };

/** Names of the metrics that are measured when they are asked for. */
export type ObservedName = {
  [Name in MetricName]: (typeof metricCatalogue)[Name]["kind"] extends "gauge" | "observableCounter" ? Name : never;
}[MetricName];

export function createInstruments(meter: Meter): Instruments {
  const entries = Object.entries<Metric>(metricCatalogue).map(([name, metric]) => [name, create(meter, name, metric)]);
  return Object.fromEntries(entries) as Instruments;
}

export function observedNames(): readonly ObservedName[] {
  const names = Object.keys(metricCatalogue) as MetricName[];
  return names.filter((name): name is ObservedName => ["gauge", "observableCounter"].includes(metricCatalogue[name].kind));
}

function create(meter: Meter, name: string, { kind, unit, description, buckets }: Metric): InstrumentOf[Metric["kind"]] {
  const options: MetricOptions = { unit, description, ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }) };
  switch (kind) {
    case "counter":
      return meter.createCounter(name, options);
    case "upDownCounter":
      return meter.createUpDownCounter(name, options);
    case "histogram":
      return meter.createHistogram(name, options);
    case "gauge":
      return meter.createObservableGauge(name, options);
    case "observableCounter":
      return meter.createObservableCounter(name, options);
  }
}
