import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Clock } from "../clock.ts";
import type { ClusterStats } from "../gen/envoy/config/endpoint/v3/load_report_pb.ts";
import { type LoadStatsRequest, type LoadStatsResponse, LoadStatsResponseSchema } from "../gen/envoy/service/load_stats/v3/lrs_pb.ts";
import type { Connection } from "../xds/open-stream.ts";
import { type LoadSeries, LoadSeriesSet, otherSeries } from "./load-series.ts";

/** Hears of the load that clients report. */
export interface LoadObserver {
  reported(): void;
  calls(where: LoadSeries, outcome: "issued" | "succeeded" | "failed", count: number): void;
  /** Calls that the client did not make, because its configuration says so. */
  dropped(service: string, count: number): void;
}

/** Tells several, each what it cares for. */
export function allLoadObservers(observers: readonly Partial<LoadObserver>[]): LoadObserver {
  const tell = (act: (observer: Partial<LoadObserver>) => void) => {
    for (const observer of observers) act(observer);
  };
  return {
    reported: () => tell((observer) => observer.reported?.()),
    calls: (where, outcome, count) => tell((observer) => observer.calls?.(where, outcome, count)),
    dropped: (service, count) => tell((observer) => observer.dropped?.(service, count)),
  };
}

export interface LoadReportsOptions {
  readonly intervalMs: number;
  /** Open at once. */
  readonly maxStreams: number;
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Those that there are. */
  readonly services: { has(name: string): boolean };
  readonly permitsOf?: ((names: readonly string[]) => (service: string) => boolean) | undefined;
  readonly observer: LoadObserver;
}

/** A report counts for so many calls at most: what is more is no report. */
const maxCount = 1e9;
const limits = { maxLocalities: 64, maxSeries: 10_000 };

/** The server's half of LRS: tells clients how often to report, and adds up what they say by service and locality. */
export class LoadReports {
  readonly #options: LoadReportsOptions;
  readonly #series = new LoadSeriesSet(limits);
  readonly #ends = new Set<() => void>();
  #isClosed = false;

  constructor(options: LoadReportsOptions) {
    this.#options = options;
  }

  /** Carries one stream to its end. */
  async *carry(requests: AsyncIterable<LoadStatsRequest>, connection: Connection, signal: AbortSignal): AsyncGenerator<LoadStatsResponse> {
    const { intervalMs, maxStreams, maxAgeMs, clock, random, permitsOf } = this.#options;
    if (this.#isClosed) throw new ConnectError("this control plane is shutting down: connect to another one", Code.Unavailable);
    if (this.#ends.size >= maxStreams)
      throw new ConnectError(`there are ${maxStreams} reporting clients, and no more`, Code.ResourceExhausted);
    const { names, validForMs = Infinity } = connection;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // a client that is gone may never have its response, and nobody waits then
    const end = () => resolve();
    const aged = clock.after(Math.min(maxAgeMs * (1 - random() / 5), validForMs), end);
    this.#ends.add(end);
    signal.addEventListener("abort", end, { once: true });
    try {
      this.#read(requests, permitsOf?.(names)).then(end, reject);
      yield create(LoadStatsResponseSchema, { sendAllClusters: true, loadReportingInterval: durationFromMs(intervalMs) });
      await promise;
    } finally {
      this.#ends.delete(end);
      signal.removeEventListener("abort", end);
      aged.cancel();
    }
  }

  /** Ends all streams, and takes no new ones. */
  close(): void {
    this.#isClosed = true;
    for (const end of this.#ends) end();
  }

  async #read(requests: AsyncIterable<LoadStatsRequest>, permits: (service: string) => boolean = () => true): Promise<void> {
    for await (const { clusterStats } of requests) {
      if (clusterStats.length > 0) this.#options.observer.reported();
      for (const stats of clusterStats) this.#count(stats, permits);
    }
  }

  #count(stats: ClusterStats, permits: (service: string) => boolean): void {
    const { observer, services } = this.#options;
    // A cluster that is a service's own, apart from its fallbacks, counts for the service.
    const name = (stats.clusterServiceName || stats.clusterName).replace(/\/own$/, "");
    const service = services.has(name) && permits(name) ? name : undefined;
    for (const { locality, totalIssuedRequests, totalSuccessfulRequests, totalErrorRequests } of stats.upstreamLocalityStats) {
      const where = service === undefined ? otherSeries : this.#series.of(service, locality);
      const tell = (outcome: Parameters<LoadObserver["calls"]>[1], count: bigint) => {
        if (count > 0n) observer.calls(where, outcome, bounded(count));
      };
      tell("issued", totalIssuedRequests);
      tell("succeeded", totalSuccessfulRequests);
      tell("failed", totalErrorRequests);
    }
    const { totalDroppedRequests: drops } = stats;
    if (drops > 0n) observer.dropped(service === undefined ? otherSeries.service : this.#series.of(service).service, bounded(drops));
  }
}

function bounded(count: bigint): number {
  return Math.min(Number(count), maxCount);
}
