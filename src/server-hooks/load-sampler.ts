import { toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { above, callable, durationMs, having, type OptionChecks } from "../check-options.ts";
import { type Clock, systemClock } from "../clock.ts";
import { OrcaLoadReportSchema } from "../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import type { LoadReport } from "../load-report.ts";
import { toOrca } from "../orca.ts";
import { RecentMean } from "../recent-mean.ts";
import { SlidingRate } from "../sliding-rate.ts";
import { type EventLoopProbe, type EventLoopSample, probeEventLoop } from "./event-loop.ts";
import { smoothed } from "./smoothed.ts";

/** How a server measures its load. */
export interface LoadSamplerOptions {
  /**
   * How many calls the server can work on at once, > 0. The share of it in use then counts as utilization, if it is higher
   * than that of the event loop; above the limit it exceeds 1. Default: no limit, and calls in flight do not count as utilization.
   */
  readonly maxInFlight?: number;
  /** Responses within this time share one report, in ms, >= 0. Default 5. */
  readonly minIntervalMs?: number;
  /** Where time comes from. Default: the real clock. */
  readonly clock?: Pick<Clock, "now">;
  /** How the event loop is observed. Default: that of this thread, with a delay histogram of 20 ms resolution. */
  readonly eventLoop?: EventLoopProbe;
}

export const samplerChecks: OptionChecks<LoadSamplerOptions> = {
  maxInFlight: above(0),
  minIntervalMs: durationMs,
  clock: having<Pick<Clock, "now">>("a clock with the method now", "now"),
  eventLoop: callable("a function that returns utilization and delayMs"),
};

/** What is known of a call when it begins. */
export interface BegunCall {
  /** Only unary calls have a latency: how long a stream lasts says nothing of its server. Default false. */
  readonly unary?: boolean | undefined;
}

/** How a call ended: well; by the server's fault; or by somebody else's, such as a caller who asked for the wrong thing, or left. */
export type CallEnd = "success" | "failure" | "other";

/** Ends a call's hold on the sampler. Only the first end of a call counts. */
export type EndCall = (end: CallEnd) => void;

/** So many of the latest calls count: their latencies vary, and a mean of fewer says more of luck than of the server. */
const newestLatencies = 200;
/** What a server did when it was cold says nothing of now. */
const memoryMs = 2_000;

/** Over so many arrivals, and as long after the latest call that was turned away, a server is overloaded. */
const newestArrivals = 1_000;
const overloadMs = 1_000;
const maxUtilization = 10;

/** Measures the load of this server, and says it in reports. It has no timer: it works when it is told or asked something. */
export class LoadSampler {
  readonly #maxInFlight: number;
  readonly #minIntervalMs: number;
  readonly #clock: Pick<Clock, "now">;
  readonly #eventLoop: (nowMs: number) => EventLoopSample;
  readonly #requests: SlidingRate;
  readonly #errors: SlidingRate;
  readonly #latencyMs = new RecentMean(newestLatencies, memoryMs);
  /** 1 for each call that was turned away, 0 for each that was not. */
  readonly #turnedAway = new RecentMean(newestArrivals, overloadMs);
  #turnedAwayAtMs = -Infinity;
  #inFlight = 0;
  readonly #draining = new AbortController();
  #warmUp = 1;
  #encoded: { readonly text: string; readonly atMs: number } | undefined;

  constructor(options: LoadSamplerOptions = {}) {
    const { maxInFlight = Number.POSITIVE_INFINITY, minIntervalMs = 5, clock = systemClock, eventLoop = probeEventLoop() } = options;
    const nowMs = clock.now();
    this.#maxInFlight = maxInFlight;
    this.#minIntervalMs = minIntervalMs;
    this.#clock = clock;
    this.#eventLoop = smoothed(eventLoop, nowMs);
    this.#requests = new SlidingRate(nowMs);
    this.#errors = new SlidingRate(nowMs);
  }

  /** Calls that have begun and not ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Counts a call as in flight until the returned function is called, and as answered from then on. */
  begin({ unary = false }: BegunCall = {}): EndCall {
    const startedAtMs = this.#clock.now();
    this.#inFlight += 1;
    this.#turnedAway.add(0, startedAtMs);
    let ended = false;
    return (end) => {
      if (ended) return;
      ended = true;
      this.#inFlight -= 1;
      const nowMs = this.#clock.now();
      this.#requests.add(nowMs);
      if (end === "failure") this.#errors.add(nowMs);
      // Failures are quick, and must not make the server look quick.
      if (unary && end === "success") this.#latencyMs.add(nowMs - startedAtMs, nowMs);
    };
  }

  /** Notes a call that is not taken for lack of capacity: utilization is above 1 then, as what was asked for is above what was done. */
  turnAway(): void {
    this.#turnedAwayAtMs = this.#clock.now();
    this.#turnedAway.add(1, this.#turnedAwayAtMs);
  }

  /** Aborted once {@link startDraining} was called. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** From now on, reports ask for no more calls. */
  startDraining(): void {
    this.#encoded = undefined;
    this.#draining.abort();
  }

  /** From now on, reports say that this share of the warm-up is done, 0 to 1. A sampler that is never told is warm. */
  warmedUpTo(share: number): void {
    this.#warmUp = Math.min(1, Math.max(0, share));
    this.#encoded = undefined;
  }

  /** The load now. */
  report(): LoadReport {
    const nowMs = this.#clock.now();
    const eventLoop = this.#eventLoop(nowMs);
    const latencyMs = this.#latencyMs.value;
    return {
      requestsPerSecond: this.#requests.perSecond(nowMs),
      errorsPerSecond: this.#errors.perSecond(nowMs),
      utilization: Math.max(this.#inFlight / this.#maxInFlight, eventLoop.utilization, this.#overload(nowMs)),
      inFlight: this.#inFlight,
      ...(!Number.isNaN(latencyMs) && { latencyMs }),
      eventLoopDelayMs: eventLoop.delayMs,
      ...(this.draining.aborted && { draining: true }),
      ...(this.#warmUp < 1 && { warmUp: this.#warmUp }),
    };
  }

  /** What was asked for, relative to what was done; 0 where nothing was turned away of late. */
  #overload(nowMs: number): number {
    if (nowMs - this.#turnedAwayAtMs >= overloadMs) return 0;
    return Math.min(maxUtilization, 1 / (1 - this.#turnedAway.value));
  }

  /**
   * A report as a header carries it: an `OrcaLoadReport` in base64 without padding, as gRPC sends it. The same string
   * for all who ask within `minIntervalMs`, which spares this server the encoding and its clients the decoding.
   */
  encoded(): string {
    const nowMs = this.#clock.now();
    if (this.#encoded === undefined || nowMs - this.#encoded.atMs >= this.#minIntervalMs) {
      const text = base64Encode(toBinary(OrcaLoadReportSchema, toOrca(this.report())), "std_raw");
      this.#encoded = { text, atMs: nowMs };
    }
    return this.#encoded.text;
  }
}
