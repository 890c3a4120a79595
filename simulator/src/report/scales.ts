import { scaleLinear, scaleLog } from "d3-scale";
import { type Axis, PLOT, type Tick } from "./frame.ts";

/** Latency upwards, on a logarithmic scale: a policy that is twice as slow is as far above another one here as there. */
export function latencyAxis(label: string, valuesMs: readonly number[]): Axis {
  const positive = valuesMs.filter((value) => value > 0);
  const low = Math.min(...positive, 1000);
  const high = Math.max(...positive, low * 1.5);
  const scale = scaleLog([low * 0.95, high * 1.25], [PLOT.bottom, PLOT.top]).clamp(true);
  return { scale, label, ticks: logTicks(low * 0.95, high * 1.25) };
}

/** Seconds from the start, to the right. */
export function timeAxis(fromMs: number, toMs: number): Axis {
  const scale = scaleLinear([fromMs / 1000, toMs / 1000], [PLOT.left, PLOT.right]).clamp(true);
  return { scale, label: "seconds from the start", ticks: scale.ticks(6).map((at) => ({ at, text: `${at}` })) };
}

/** Shares upwards, from nothing on. */
export function shareAxis(label: string, highest: number): Axis {
  const scale = scaleLinear([0, highest * 1.2], [PLOT.bottom, PLOT.top]).clamp(true);
  return { scale, label, ticks: scale.ticks(4).map((at) => ({ at, text: `${Number((at * 100).toPrecision(3))} %` })) };
}

/** Calls by how rare they are, to the right: every nine takes the same room. */
export function ninesAxis(highest: number): Axis {
  const scale = scaleLinear([0.125, Math.max(1, highest)], [PLOT.left, PLOT.right]).clamp(true);
  const known: readonly Tick[] = [
    { at: Math.log10(2), text: "50 %" },
    { at: 1, text: "90 %" },
    { at: 2, text: "99 %" },
    { at: 3, text: "99.9 %" },
    { at: 4, text: "99.99 %" },
  ];
  return { scale, label: "share of calls that were at least as quick", ticks: known.filter(({ at }) => at <= highest) };
}

/** 1, 2, 5, 10, ... as far as they lie between the two; only powers of ten where those would be too many, and more where they would be too few. */
function logTicks(low: number, high: number): readonly Tick[] {
  const digits = high / low > 300 ? [1] : high / low > 5 ? [1, 2, 5] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
  const powers = Array.from({ length: 12 }, (_, index) => index - 4);
  const all = powers.flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)));
  return all.filter((at) => at >= low && at <= high).map((at) => ({ at, text: at >= 1000 ? `${at / 1000} s` : `${at} ms` }));
}
