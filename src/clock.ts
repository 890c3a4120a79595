/** A pending callback. */
export interface Timer {
  /** Stops the callback if it has not run yet. */
  cancel(): void;
}

/** Source of time. Passed in everywhere, so that tests and the simulator run in virtual time. */
export interface Clock {
  /** Monotonic milliseconds, with fractions; the origin is arbitrary. */
  now(): number;
  /** Calls `fn` once, after `delayMs`. A pending timer does not keep the process alive. */
  after(delayMs: number, fn: () => void): Timer;
}

/** The real clock: `performance.now` and unref'd timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, fn) {
    const handle = setTimeout(fn, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};
