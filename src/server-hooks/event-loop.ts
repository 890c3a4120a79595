import { monitorEventLoopDelay, performance } from "node:perf_hooks";

/** What an event loop did since it was last asked. */
export interface EventLoopSample {
  /** Share of the time that it was busy, 0 to 1. */
  readonly utilization: number;
  /** How much later than due its timers ran on average, in ms. */
  readonly delayMs: number;
}

/** Looks at an event loop. Each call covers the time since the one before. */
export type EventLoopProbe = () => EventLoopSample;

const resolutionMs = 20;

/** A probe of this thread's event loop. It runs one unreferenced timer, inside Node, and starts no other work. */
export function probeEventLoop(): EventLoopProbe {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let lastUtilization = performance.eventLoopUtilization();
  let lastCount = 0;
  let lastSumMs = 0;
  return () => {
    const utilization = performance.eventLoopUtilization();
    const { utilization: sinceLast } = performance.eventLoopUtilization(utilization, lastUtilization);
    lastUtilization = utilization;
    // Differences instead of reset(): a reset drops the interval that is under way, which is the late one when a call just blocked the loop.
    const { count } = histogram;
    const sumMs = count === 0 ? 0 : (histogram.mean * count) / 1e6;
    const meanMs = count === lastCount ? 0 : (sumMs - lastSumMs) / (count - lastCount);
    lastCount = count;
    lastSumMs = sumMs;
    return { utilization: sinceLast, delayMs: Math.max(0, meanMs - resolutionMs) };
  };
}
