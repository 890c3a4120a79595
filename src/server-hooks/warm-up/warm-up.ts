import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { callable, durationMs, list, oneOf, optionsOf, whole } from "../../check-options.ts";
import { type Clock, checkClock, systemClock } from "../../clock.ts";
import { toError } from "../../to-error.ts";
import { type EventLoopProbe, probeEventLoop } from "../event-loop.ts";
import type { LoadSampler } from "../load-sampler.ts";
import { inProcessTransport, type WarmUpProtocol } from "./in-process-transport.ts";
import { type Played, play, type WarmUpCall } from "./play.ts";
import { checkRecording, defaultMaxBytes, Recorder, type RecordingOptions } from "./recorder.ts";
import { readRecording } from "./recording.ts";

/** Which calls a server makes to itself before it is ready, and until when. */
export interface WarmUpOptions {
  /**
   * Requests that are played through the server's own routes, in process, over and over: `(transport) => createClient(CheckoutService, transport).pay({ ... })`.
   * They carry the context value `isWarmUp`, and count nowhere. What they do, they do many times. Default: those of `recording`.
   */
  readonly calls?: readonly WarmUpCall[] | undefined;
  /** Requests that were seen before this start, and such as are kept for the next. Default: nothing is read or written. */
  readonly recording?: RecordingOptions | undefined;
  /** In which protocol: that of your clients. Default `connect`. */
  readonly protocol?: WarmUpProtocol | undefined;
  /** So many at once, a whole number, 1 or more. Default 8. */
  readonly concurrency?: number | undefined;
  /** So many at least, a whole number, 1 or more: Node.js compiles what ran often. Default 2,000. */
  readonly minCalls?: number | undefined;
  /** The server is ready after this time in any case, in ms, >= 0. Default 30,000. */
  readonly timeLimitMs?: number | undefined;
  /** Default: the real clock. */
  readonly clock?: Clock | undefined;
  /** How the event loop is observed. Default: that of this thread. */
  readonly eventLoop?: EventLoopProbe | undefined;
}

/** What a warm-up came to. */
export interface WarmedUp {
  readonly tookMs: number;
  /** Requests that were played, and how many of them failed. */
  readonly calls: number;
  readonly failed: number;
  /** Whether latency had settled; true where nothing was to be played. */
  readonly isSettled: boolean;
  /** 95th percentile of the latest window; undefined where there were too few calls for one. */
  readonly p95Ms: number | undefined;
  /** What went wrong first: in your function, in a call, or with the file. */
  readonly error: Error | undefined;
}

export const checkWarmUp = optionsOf<WarmUpOptions>({
  calls: list("a list of functions of a transport", callable()),
  recording: checkRecording,
  protocol: oneOf("connect", "grpc", "grpc-web"),
  concurrency: whole(1),
  minCalls: whole(1),
  timeLimitMs: durationMs,
  clock: checkClock,
  eventLoop: callable("a function that returns utilization and delayMs"),
});

/** Whoever has not started by then has forgotten it. */
const startMs = 10_000;

/** For so long a server that was warmed up says how far it came: clients that hear it ramp up by that, and are done with it when this is over. */
const toldMs = 10_000;

const nothingPlayed: Played = { calls: 0, failed: 0, isSettled: true, share: 1, p95Ms: undefined, firstError: undefined };

/** Of a server without a warm-up. */
export const notWarmedUp: WarmedUp = { tookMs: 0, calls: 0, failed: 0, isSettled: true, p95Ms: undefined, error: undefined };

/** Gets a server ready before calls come. Whatever fails is told and holds nothing up: a server that is cold is better than none. */
export class WarmUp {
  readonly recorder: Recorder | undefined;
  /** Resolves when it is over. Never rejects. */
  readonly done: Promise<WarmedUp>;
  readonly #resolve: (result: WarmedUp) => void;
  readonly #task: WarmUpOptions | (() => unknown);
  readonly #options: WarmUpOptions;
  readonly #clock: Clock;
  readonly #sampler: LoadSampler;
  readonly #stop = new AbortController();
  #isStarted = false;

  constructor(task: WarmUpOptions | (() => unknown), sampler: LoadSampler) {
    this.#task = task;
    this.#options = typeof task === "function" ? {} : task;
    this.#clock = this.#options.clock ?? systemClock;
    this.#sampler = sampler;
    const { recording } = this.#options;
    this.recorder = recording && new Recorder(recording, this.#clock, (error) => warn(`${recording.file}: ${toError(error).message}`));
    const { promise, resolve } = Promise.withResolvers<WarmedUp>();
    this.done = promise;
    this.#resolve = resolve;
    sampler.warmedUpTo(0);
    this.#clock.after(startMs, () => {
      if (!this.#isStarted)
        warn("nothing has started the warm-up, and the server is not ready before: use health.handler(), or call health.startWarmUp()");
    });
  }

  /** Once only. @param handlers of the server's routes */
  start(handlers: readonly UniversalHandler[]): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#run(handlers).then(this.#resolve);
  }

  /** Ends it early: the server leaves. */
  stop(): void {
    this.#stop.abort();
  }

  async #run(handlers: readonly UniversalHandler[]): Promise<WarmedUp> {
    const beganAtMs = this.#clock.now();
    const limit = this.#clock.after(this.#options.timeLimitMs ?? 30_000, () => this.#stop.abort());
    let played = nothingPlayed;
    let failure: unknown;
    try {
      if (typeof this.#task === "function") await this.#task();
      else played = await this.#play(await this.#calls(handlers), handlers);
      failure = played.firstError;
    } catch (error) {
      failure = error;
    }
    limit.cancel();
    this.#tellClients(played);
    if (failure !== undefined) warn(`the warm-up went wrong: ${toError(failure).message}`);
    const { calls, failed, isSettled, p95Ms } = played;
    return {
      tookMs: this.#clock.now() - beganAtMs,
      calls,
      failed,
      isSettled,
      p95Ms,
      error: failure === undefined ? undefined : toError(failure),
    };
  }

  async #calls(handlers: readonly UniversalHandler[]): Promise<readonly WarmUpCall[]> {
    const { calls = [], recording } = this.#options;
    if (recording === undefined) return calls;
    try {
      return [...calls, ...(await readRecording(recording.file, recording.maxBytes ?? defaultMaxBytes, handlers))];
    } catch (error) {
      warn(`${recording.file}: ${toError(error).message}`);
      return calls;
    }
  }

  async #play(calls: readonly WarmUpCall[], handlers: readonly UniversalHandler[]): Promise<Played> {
    if (calls.length === 0) return nothingPlayed;
    const { protocol = "connect", concurrency = 8, minCalls = 2_000, eventLoop = probeEventLoop() } = this.#options;
    const { signal } = this.#stop;
    const transport = inProcessTransport(handlers, protocol, signal);
    const onProgress = (share: number) => this.#sampler.warmedUpTo(Math.min(share, 0.99));
    return play({ calls, transport, concurrency, minCalls, clock: this.#clock, eventLoop, signal, onProgress });
  }

  #tellClients({ calls, share }: Played): void {
    if (calls === 0) return this.#sampler.warmedUpTo(1);
    this.#sampler.warmedUpTo(Math.min(share, 0.99));
    this.#clock.after(toldMs, () => this.#sampler.warmedUpTo(1));
  }
}

function warn(message: string): void {
  process.emitWarning(message, { type: "MeshlessWarning", code: "MESHLESS_WARM_UP" });
}
