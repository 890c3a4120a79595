import type { EventLoopProbe, EventLoopSample } from "./event-loop.ts";

const minIntervalMs = 100;
const timeConstantMs = 1000;

/**
 * Smooths samples of an event loop: over a few milliseconds, its utilization is all or nothing.
 *
 * @returns what gives their exponentially weighted mean, with a time constant of 1 s. It asks the probe at most every 100 ms
 */
export function smoothed(probe: EventLoopProbe, startedAtMs: number): (nowMs: number) => EventLoopSample {
  let mean: EventLoopSample = { utilization: 0, delayMs: 0 };
  let sampledAtMs = startedAtMs;
  return (nowMs) => {
    const sinceMs = nowMs - sampledAtMs;
    if (sinceMs < minIntervalMs) return mean;
    const sample = probe();
    const share = 1 - Math.exp(-sinceMs / timeConstantMs);
    const blend = (old: number, fresh: number) => old + share * (fresh - old);
    mean = { utilization: blend(mean.utilization, sample.utilization), delayMs: blend(mean.delayMs, sample.delayMs) };
    sampledAtMs = nowMs;
    return mean;
  };
}
