import type { HandlerContext } from "@connectrpc/connect";
import { assertChecked, callable, optionsOf, whole } from "../check-options.ts";
import type { Clock } from "../clock.ts";
import { checkRandom, type RandomSource } from "../random-source.ts";
import { GradientLimit } from "./gradient-limit.ts";
import type { CallEnd, EndCall } from "./load-sampler.ts";

/** Who goes first when a server has more calls than it can bear: `sheddable` ones are turned away before `normal` ones, and `critical` ones last. */
export type CallPriority = "critical" | "normal" | "sheddable";

/** How a server limits the calls that it has in flight. */
export interface AdaptiveLimitOptions {
  /**
   * Says how important a call is, from its headers, its method or its URL; it runs for every call. Headers are what the client says: believe them where you
   * know the client. Default, and where it throws: `normal`.
   */
  readonly priority?: ((context: HandlerContext) => CallPriority) | undefined;
  /** The limit does not fall below so many calls in flight, a whole number, 1 or more. Default 10. */
  readonly minLimit?: number | undefined;
  /** Nor rise above so many, a whole number, `minLimit` or more. Default 1,000. */
  readonly maxLimit?: number | undefined;
  /** Where chance comes from, which spreads when clients come back. Default: `Math.random`. */
  readonly random?: RandomSource | undefined;
}

const defaultMin = 10;
const defaultMax = 1_000;
const defaultStart = 50;

/** What the adaptive limit does, for metrics and pages. */
export interface AdaptiveLimit {
  /** Calls in flight that are enough just now. */
  readonly limit: number;
  /** Unary calls in flight. */
  readonly inFlight: number;
  /** Calls that were turned away so far. */
  readonly shed: number;
}

export const checkAdaptiveLimit = optionsOf<AdaptiveLimitOptions>({
  priority: callable("a function that returns critical, normal or sheddable"),
  minLimit: whole(1),
  maxLimit: whole(1),
  random: checkRandom,
});

/** @throws ConfigurationError where the highest is below the lowest */
export function assertLimits({ minLimit = defaultMin, maxLimit = Math.max(minLimit, defaultMax) }: AdaptiveLimitOptions): void {
  assertChecked(maxLimit, whole(minLimit), "createHealthReporter.limit.maxLimit");
}

/** Of the limit. What critical calls take beyond it makes all calls slower, by which the limit falls, for the others first. */
const shares: Readonly<Record<CallPriority, number>> = { critical: 2, normal: 1, sheddable: 0.75 };

/** Until when the server will have room is not known before it was without load once. */
const unknownLatencyMs = 100;
const minPauseMs = 10;
const maxPauseMs = 1_000;

/** Keeps the calls in flight at what the server can bear. A unary call takes a place until it ends; a stream only has to find one free. */
export class AdaptiveLimiter implements AdaptiveLimit {
  readonly #gradient: GradientLimit;
  readonly #priority: (context: HandlerContext) => CallPriority;
  readonly #random: RandomSource;
  readonly #clock: Pick<Clock, "now">;
  #inFlight = 0;
  #shed = 0;

  constructor(options: AdaptiveLimitOptions, clock: Pick<Clock, "now">) {
    const { priority = () => "normal", minLimit = defaultMin, maxLimit = Math.max(minLimit, defaultMax), random = Math.random } = options;
    const initialLimit = Math.min(maxLimit, Math.max(minLimit, defaultStart));
    this.#gradient = new GradientLimit({ minLimit, maxLimit, initialLimit }, clock.now());
    this.#priority = priority;
    this.#random = random;
    this.#clock = clock;
  }

  get limit(): number {
    return Math.floor(this.#gradient.value);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get shed(): number {
    return this.#shed;
  }

  /** Whether there is no place for a call of this importance. */
  isFull(priority: CallPriority = "normal"): boolean {
    const { value, loweredValue } = this.#gradient;
    return this.#inFlight >= Math.max(1, Math.floor(shares[priority] * (priority === "critical" ? value : loweredValue)));
  }

  /** Takes a place for the call, until the returned function is called; or turns it away. */
  admit(context: HandlerContext): EndCall | "shed" {
    if (this.isFull(this.#priorityOf(context))) {
      this.#shed++;
      return "shed";
    }
    return context.method.methodKind === "unary" ? this.#takePlace() : () => {};
  }

  /** In how many ms a call that was turned away may come back: about as long as a call takes without load, so that the server does not run idle. */
  pauseMs(): number {
    const { baselineMs } = this.#gradient;
    const pauseMs = (Number.isNaN(baselineMs) ? unknownLatencyMs : baselineMs) * (0.5 + this.#random());
    return Math.round(Math.min(maxPauseMs, Math.max(minPauseMs, pauseMs)));
  }

  #takePlace(): EndCall {
    const inFlight = ++this.#inFlight;
    const beganAtMs = this.#clock.now();
    let hasEnded = false;
    return (end) => {
      if (hasEnded) return;
      hasEnded = true;
      this.#inFlight--;
      const nowMs = this.#clock.now();
      const latencyMs = nowMs - beganAtMs;
      if (this.#counts(end, latencyMs)) this.#gradient.onEnd(latencyMs, inFlight, nowMs);
    };
  }

  /** Failures are quick as a rule, which says nothing of the server; slow ones do, such as deadlines that pass. */
  #counts(end: CallEnd, latencyMs: number): boolean {
    return end === "success" || latencyMs > this.#gradient.baselineMs;
  }

  #priorityOf(context: HandlerContext): CallPriority {
    try {
      const priority = this.#priority(context);
      return Object.hasOwn(shares, priority) ? priority : "normal";
    } catch {
      return "normal";
    }
  }
}
