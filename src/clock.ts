import { having } from "./check-options.ts";

/** A pending callback. */
export interface Timer {
  /** Stops the callback if it has not run yet. */
  cancel(): void;
}

/** Source of time. Passed in everywhere, so that tests and the simulator run in virtual time. */
export interface Clock {
  /** Monotonic milliseconds, with fractions; the origin is arbitrary. */
  now(): number;
  /** Calls `fn` once, after `delayMs`; never, if that is `Infinity`. A pending timer does not keep the process alive. */
  after(delayMs: number, fn: () => void): Timer;
}

export const checkClock = having<Clock>("a clock with the methods now and after", "now", "after");

/** In ms: what is longer, Node.js makes a timer of 1 ms. */
export const longestTimerMs = 2 ** 31 - 1;

/** The real clock: `performance.now` and unref'd timers, one after the other for a delay that is too long for one. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, fn) {
    let handle: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      const isTooLong = leftMs > longestTimerMs;
      handle = isTooLong ? setTimeout(wait, longestTimerMs, leftMs - longestTimerMs) : setTimeout(fn, leftMs);
      handle.unref();
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
