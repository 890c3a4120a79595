import { durationMs as inMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { assertOptions, someMs, whole } from "../check-options.ts";
import { type Clock, checkClock, systemClock } from "../clock.ts";
import { FollowingSignal } from "../following-signal.ts";
import type { OrcaLoadReport } from "../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import { OpenRcaService, type OrcaLoadReportRequest } from "../gen/xds/service/orca/v3/orca_pb.ts";
import { toOrca } from "../orca.ts";
import { pause } from "../pause.ts";
import type { LoadSampler } from "./load-sampler.ts";

/** Options of `orcaService`. */
export interface OrcaServiceOptions {
  /**
   * The least time between two reports on a stream, in ms, above 0: who asks for less gets this. Default 500. With many streams it is longer: there
   * are at most 500 reports per second on all of them together.
   */
  readonly minIntervalMs?: number;
  /** How many streams may be open at once, a whole number, 1 or more; others are turned away, `resource_exhausted`. Default 1 000. */
  readonly maxStreams?: number;
  /** Default: the real clock. */
  readonly clock?: Clock;
}

/**
 * Adds the service `xds.service.orca.v3.OpenRcaService` (gRFC A51) to a Connect router: clients that ask for it, of any gRPC library, learn this
 * server's load without making calls. Its streams are no calls in flight, and end once the sampler is draining, which they tell first.
 *
 * ```ts
 * const health = createHealthReporter();
 * orcaService(router, health.sampler);
 * ```
 *
 * @throws ConfigurationError for an option that can't be used
 */
export function orcaService(router: ConnectRouter, sampler: LoadSampler, options: OrcaServiceOptions = {}): void {
  const streams = new ReportStreams(
    sampler,
    assertOptions("orcaService", options, { minIntervalMs: someMs, maxStreams: whole(1), clock: checkClock }),
  );
  router.service(OpenRcaService, { streamCoreMetrics: (request, context) => streams.open(request, context) });
}

/** Whether a call is one of those streams, which stand for as long as a client is there. */
export function isReportStream(service: { readonly typeName: string }): boolean {
  return service.typeName === OpenRcaService.typeName;
}

/** Each takes 0.1 to 0.2 ms of the server's time, nearly all of it Connect's: so all of them take a tenth of it at the most. */
const maxReportsPerSecond = 500;

class ReportStreams {
  readonly #sampler: LoadSampler;
  readonly #minIntervalMs: number;
  readonly #maxStreams: number;
  readonly #clock: Clock;
  #count = 0;

  constructor(sampler: LoadSampler, { minIntervalMs = 500, maxStreams = 1_000, clock = systemClock }: OrcaServiceOptions) {
    this.#sampler = sampler;
    this.#minIntervalMs = minIntervalMs;
    this.#maxStreams = maxStreams;
    this.#clock = clock;
  }

  async *open({ reportInterval }: OrcaLoadReportRequest, { signal }: HandlerContext): AsyncGenerator<OrcaLoadReport> {
    if (signal.aborted) return;
    if (this.#count >= this.#maxStreams)
      throw new ConnectError(`${this.#maxStreams} streams of load reports are open: ask again later`, Code.ResourceExhausted);
    this.#count++;
    // Connect aborts it at the end of every call; a generator that nobody asks for more would never come to its end.
    signal.addEventListener("abort", () => this.#count--, { once: true });
    const { draining } = this.#sampler;
    const ending = new FollowingSignal();
    for (const end of [signal, draining]) ending.follow(end);
    const wantedMs = Math.max(this.#minIntervalMs, reportInterval === undefined ? 0 : inMs(reportInterval));
    while (!signal.aborted) {
      const isLast = draining.aborted;
      yield toOrca(this.#sampler.report());
      if (isLast) return;
      await pause(this.#clock, Math.max(wantedMs, (this.#count * 1_000) / maxReportsPerSecond), ending.signal).catch(() => {});
    }
  }
}
