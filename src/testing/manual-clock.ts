import type { Clock, Timer } from "../clock.ts";

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** How many callbacks are pending. */
  readonly pending: number;
  /**
   * Moves on by `byMs`, running what falls due on the way: in order of time, then of scheduling, each at its own time. What a callback
   * schedules runs too, if it falls due within `byMs`. An error that a callback throws stops the clock there.
   *
   * @throws RangeError if `byMs` is negative
   */
  advance(byMs: number): void;
}

interface Alarm {
  readonly atMs: number;
  readonly fn: () => void;
}

/** @param startMs the first reading. Default 0. */
export function manualClock(startMs = 0): ManualClock {
  let nowMs = startMs;
  /** In order of time, then of scheduling. */
  const alarms: Alarm[] = [];
  return {
    now: () => nowMs,
    after(delayMs, fn): Timer {
      const alarm = { atMs: nowMs + Math.max(0, delayMs), fn };
      const later = alarms.findIndex((other) => other.atMs > alarm.atMs);
      alarms.splice(later < 0 ? alarms.length : later, 0, alarm);
      return {
        cancel() {
          const place = alarms.indexOf(alarm);
          if (place >= 0) alarms.splice(place, 1);
        },
      };
    },
    get pending() {
      return alarms.length;
    },
    advance(byMs) {
      if (!(byMs >= 0)) throw new RangeError(`time moves forward only: advance by 0 ms or more, not ${byMs}`);
      const untilMs = nowMs + byMs;
      for (let next = alarms[0]; next !== undefined && next.atMs <= untilMs; next = alarms[0]) {
        alarms.shift();
        nowMs = next.atMs;
        next.fn();
      }
      nowMs = untilMs;
    },
  };
}
