import type { MetricName } from "../../src/observability/metric-catalogue.ts";
import { type Part, seriesOf } from "./prometheus-series.ts";

/** Queries about the series of one or all targets, over a window. What they have in common, panels and rules don't repeat. */
export class Queries {
  readonly #window: string;
  readonly #where: string;

  /**
   * @param window over which rates are taken, as PromQL has it
   * @param where what all series have to fit
   */
  constructor(window: string, where = "") {
    this.#window = window;
    this.#where = where;
  }

  /** How many a second, added up by labels. */
  rate(name: MetricName, by: readonly string[], where = "", part?: Part): string {
    return sumBy(by, `rate(${this.#series(name, where, part)}[${this.#window}])`);
  }

  /** How many in the window. */
  increase(name: MetricName, by: readonly string[], where = ""): string {
    return sumBy(by, `increase(${this.#series(name, where)}[${this.#window}])`);
  }

  now(name: MetricName, by: readonly string[], where = ""): string {
    return sumBy(by, this.#series(name, where));
  }

  worst(name: MetricName, by: readonly string[]): string {
    return `max by (${by.join(", ")}) (${this.#series(name)})`;
  }

  /** @param where of a series that a client has once for each target, leaving aside the labels in it */
  leastOfOpen(name: MetricName, by: readonly string[], where: `${string}="${string}"`): string {
    const [label] = where.split("=");
    return `min by (${by.join(", ")}) (${this.#series(name, where)} and ignoring (${label}) ${this.#series("meshless.transports")} > 0)`;
  }

  quantile(quantile: number, name: MetricName, by: readonly string[]): string {
    return `histogram_quantile(${quantile}, ${this.rate(name, [...by, "le"], "", "bucket")})`;
  }

  #series(name: MetricName, where = "", part?: Part): string {
    const all = [where, name.startsWith("grpc.server") || name.startsWith("rpc.server") ? "" : this.#where];
    return seriesOf(name, all.filter((one) => one !== "").join(", "), part);
  }
}

function sumBy(by: readonly string[], query: string): string {
  return by.length === 0 ? `sum(${query})` : `sum by (${by.join(", ")}) (${query})`;
}
