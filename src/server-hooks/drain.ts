import { constants } from "node:os";
import { durationMs, having, list, type OptionChecks, such } from "../check-options.ts";
import { type Clock, checkClock, systemClock } from "../clock.ts";

/** How long a server drains. */
export interface DrainOptions {
  /**
   * For how long the server takes calls as ever while it says that it is draining, in ms, >= 0: until those who send calls here have heard of it. At most
   * `gracePeriodMs`. Default 5,000.
   */
  readonly drainDelayMs?: number;
  /**
   * What is open so long after the start is cut off, in ms, >= 0; `Infinity` waits for ever. Default 25,000: Kubernetes kills after 30 s, unless told otherwise.
   */
  readonly gracePeriodMs?: number;
  /** What starts it. Default `["SIGTERM"]`; an empty list leaves it to `start`. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Who hears of signals, and ends at the second one. Default: this process. */
  readonly process?: SignalledProcess;
  /** Default: the real clock. */
  readonly clock?: Clock;
}

/** What a drain needs of a process. */
export interface SignalledProcess {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  exit(code: number): void;
}

/** How a server is taken out of service. */
export interface Drain {
  /** Resolves when it is over: the server does not listen, and its last connection is gone. Not before it was started. */
  readonly done: Promise<void>;
  /** Starts it, as a signal does. Once it has started, nothing more happens. @returns `done` */
  start(): Promise<void>;
}

/** What is drained. */
export interface Drainable {
  /** Says that it is draining, and serves as ever. */
  drain(): void;
  /** Takes nothing new, and lets what is under way end. */
  leave(): void;
  /** Cuts off what is left. */
  cut(): void;
  /** Resolves when nothing is left. */
  readonly closed: Promise<unknown>;
}

export const drainChecks: OptionChecks<DrainOptions> = {
  drainDelayMs: durationMs,
  gracePeriodMs: durationMs,
  signals: list(
    "a list of signals",
    such<NodeJS.Signals>("a signal, such as SIGTERM", (value) => Object.hasOwn(constants.signals, String(value))),
  ),
  process: having<SignalledProcess>("a process with the methods on and exit", "on", "exit"),
  clock: checkClock,
};

/** Drains at the first signal. At the second the process ends: whoever is in a hurry can't wait for calls. */
export function createDrain(drainable: Drainable, options: DrainOptions): Drain {
  const { drainDelayMs = 5_000, gracePeriodMs = 25_000, signals = ["SIGTERM"], clock = systemClock } = options;
  const signalled = options.process ?? process;
  const { promise: done, resolve } = Promise.withResolvers<void>();
  let isStarted = false;
  let isSignalled = false;

  function start(): Promise<void> {
    if (isStarted) return done;
    isStarted = true;
    drainable.drain();
    const leaving = clock.after(Math.min(drainDelayMs, gracePeriodMs), () => drainable.leave());
    const cutting = clock.after(gracePeriodMs, () => drainable.cut());
    drainable.closed.then(() => {
      leaving.cancel();
      cutting.cancel();
      resolve();
    });
    return done;
  }

  const onSignal = (signal: NodeJS.Signals) => {
    if (isSignalled) signalled.exit(128 + constants.signals[signal]);
    isSignalled = true;
    start();
  };
  for (const signal of signals) signalled.on(signal, onSignal);
  return { done, start };
}
