import type { RandomSource } from "meshless/balancer";
import type { Distribution } from "../scenario.ts";

/** A number of the distribution, from chance. */
export type Sampler = (random: RandomSource) => number;

/** Compiles a distribution, so that drawing needs no look at its kind. */
export function samplerOf(distribution: Distribution): Sampler {
  switch (distribution.kind) {
    case "constant": {
      const { value } = distribution;
      return () => value;
    }
    case "exponential": {
      const { mean } = distribution;
      return (random) => mean * drawExponential(random);
    }
    case "normal": {
      const { mean, deviation } = distribution;
      return (random) => Math.max(0, mean + deviation * drawNormal(random));
    }
    case "lognormal": {
      const variance = Math.log1p(distribution.scv);
      const location = Math.log(distribution.mean) - variance / 2;
      const scale = Math.sqrt(variance);
      return (random) => Math.exp(location + scale * drawNormal(random));
    }
    case "mixture":
      return mixtureSampler(distribution.parts);
  }
}

type Parts = Extract<Distribution, { kind: "mixture" }>["parts"];

function mixtureSampler(parts: Parts): Sampler {
  const samplers = parts.map((part) => samplerOf(part.of));
  const shares = parts.map((part) => part.share);
  const total = shares.reduce((sum, share) => sum + share, 0);
  return (random) => {
    let rest = random() * total;
    let chosen = 0;
    while (chosen < shares.length - 1 && rest >= (shares[chosen] as number)) {
      rest -= shares[chosen] as number;
      chosen += 1;
    }
    return (samplers[chosen] as Sampler)(random);
  };
}

/** The mean of what is drawn: of a normal distribution, after the cut. */
export function meanOf(distribution: Distribution): number {
  switch (distribution.kind) {
    case "constant":
      return distribution.value;
    case "exponential":
    case "lognormal":
      return distribution.mean;
    case "normal": {
      const { mean, deviation } = distribution;
      if (deviation === 0) return Math.max(0, mean);
      const z = mean / deviation;
      return mean * normalCdf(z) + (deviation * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
    }
    case "mixture": {
      const total = distribution.parts.reduce((sum, part) => sum + part.share, 0);
      return distribution.parts.reduce((sum, part) => sum + (part.share / total) * meanOf(part.of), 0);
    }
  }
}

/** Exponential, of mean 1. */
export function drawExponential(random: RandomSource): number {
  return -Math.log1p(-random());
}

/** Normal, of mean 0 and deviation 1 (Box and Muller; the second number of the pair is not used, so that streams keep no state). */
export function drawNormal(random: RandomSource): number {
  return Math.sqrt(2 * drawExponential(random)) * Math.cos(2 * Math.PI * random());
}

/** Share of a normal distribution below `z`, to 1e-7 (Abramowitz and Stegun, 26.2.17). */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z >= 0 ? 1 - above : above;
}
