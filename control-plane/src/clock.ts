/** A pending callback. */
export interface Timer {
  cancel(): void;
}

/** Source of time, as in `meshless`. Passed in, so that tests run in virtual time. */
export interface Clock {
  /** Monotonic milliseconds; the origin is arbitrary. */
  now(): number;
  /** Calls `fn` once, after `delayMs`; never, if that is `Infinity`. */
  after(delayMs: number, fn: () => void): Timer;
}

const longestTimerMs = 2 ** 31 - 1;

/** The real clock. Its timers do not keep a process alive, and one that is longer than Node.js can wait ends early. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, fn) {
    if (delayMs === Number.POSITIVE_INFINITY) return { cancel() {} };
    const handle = setTimeout(fn, Math.min(delayMs, longestTimerMs)).unref();
    return { cancel: () => clearTimeout(handle) };
  },
};
