import { type Metric, type MetricName, metricCatalogue } from "../../src/observability/metric-catalogue.ts";

/** What the OpenTelemetry collector and Prometheus' own receiver append for a unit; the SDK's exporter appends nothing. */
const unitSuffixes: Readonly<Record<string, string>> = { s: "seconds", By: "bytes", "1": "ratio" };

/** What ends the names of a metric's series. */
const endings: Readonly<Record<Metric["kind"], readonly string[]>> = {
  counter: ["_total"],
  observableCounter: ["_total"],
  gauge: [""],
  upDownCounter: [""],
  histogram: ["_count", "_sum", "_bucket"],
};

export type Part = "count" | "sum" | "bucket";

/**
 * The series of a metric in PromQL, whichever way it came to Prometheus.
 *
 * @param where labels as PromQL has them, such as `grpc_status="OK"`
 * @param part of a histogram
 */
export function seriesOf(name: MetricName, where = "", part?: Part): string {
  const { kind, unit }: Metric = metricCatalogue[name];
  const plain = name.replaceAll(".", "_");
  const ending = part === undefined ? endings[kind][0] : `_${part}`;
  const suffix = unitSuffixes[unit];
  if (suffix === undefined) return `${plain}${ending}${where === "" ? "" : `{${where}}`}`;
  const labels = [`__name__=~"${plain}(_${suffix})?${ending}"`, ...(where === "" ? [] : [where])];
  return `{${labels.join(", ")}}`;
}
