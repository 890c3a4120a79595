import type { RandomSource } from "meshless/balancer";
import { drawExponential } from "../engine/distributions.ts";
import type { ClientGroup } from "../scenario.ts";

/** From `fromMs` to `toMs`, the rate goes evenly from `from` to `to`, in events per ms. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly from: number;
  readonly to: number;
}

/** When calls arrive at a client: a Poisson process whose rate follows the scenario's steps and ramps. */
export class ArrivalTimes {
  readonly #stretches: readonly Stretch[];
  readonly #random: RandomSource;
  #current = 0;
  #nowMs = 0;

  /** @param share of the group's rate */
  constructor(rate: ClientGroup["rate"], share: number, random: RandomSource) {
    this.#stretches = stretchesOf(rate, share / 1000);
    this.#random = random;
  }

  /**
   * The time of the next arrival; `Infinity` if there is none. As much of the rate as an exponential draw says passes until then: this
   * makes a process of changing rate from one draw each.
   */
  next(): number {
    let left = drawExponential(this.#random);
    for (; this.#current < this.#stretches.length; this.#current += 1) {
      const stretch = this.#stretches[this.#current] as Stretch;
      const fromMs = Math.max(this.#nowMs, stretch.fromMs);
      const atMs = timeOf(stretch, fromMs, left);
      if (atMs < stretch.toMs) {
        this.#nowMs = atMs;
        return atMs;
      }
      left -= ((rateAt(stretch, fromMs) + stretch.to) / 2) * (stretch.toMs - fromMs);
      this.#nowMs = stretch.toMs;
    }
    return Infinity;
  }
}

function stretchesOf(rate: ClientGroup["rate"], scale: number): readonly Stretch[] {
  const steps = typeof rate === "number" ? [{ atMs: 0, perSecond: rate }] : rate;
  return steps.map((step, i) => {
    const next = steps[i + 1];
    const from = step.perSecond * scale;
    const to = "ramp" in step && step.ramp && next !== undefined ? next.perSecond * scale : from;
    return { fromMs: step.atMs, toMs: next?.atMs ?? Infinity, from, to };
  });
}

function rateAt({ fromMs, toMs, from, to }: Stretch, atMs: number): number {
  return from === to ? from : from + ((to - from) * (atMs - fromMs)) / (toMs - fromMs);
}

/** When the integral of the rate from `sinceMs` on reaches `amount`; `Infinity` if it never does. */
function timeOf(stretch: Stretch, sinceMs: number, amount: number): number {
  const rate = rateAt(stretch, sinceMs);
  if (stretch.from === stretch.to) return rate > 0 ? sinceMs + amount / rate : Infinity;
  const slope = (stretch.to - stretch.from) / (stretch.toMs - stretch.fromMs);
  // The root of slope / 2 * t^2 + rate * t = amount, in the form that stays exact for small slopes.
  const discriminant = rate * rate + 2 * slope * amount;
  return discriminant < 0 ? Infinity : sinceMs + (2 * amount) / (rate + Math.sqrt(discriminant));
}
