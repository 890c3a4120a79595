import type { RandomSource } from "meshless/balancer";
import { drawNormal } from "../engine/distributions.ts";
import type { VirtualTime } from "../engine/virtual-time.ts";
import type { Antagonist } from "../scenario.ts";
import type { Pace } from "./pace.ts";

/** Lets other tenants take from a server, or leave it more: the logarithm of its share is an Ornstein-Uhlenbeck process, begun in its steady state. */
export function startAntagonist(antagonist: Antagonist, pace: Pace, time: VirtualTime, random: RandomSource): void {
  const { median, sigma, floor, everyMs = 1000, correlationMs = 10_000 } = antagonist;
  const kept = Math.exp(-everyMs / correlationMs);
  const fresh = Math.sqrt(1 - kept * kept);
  let deviation = drawNormal(random);
  const show = () => pace.setShare(Math.max(floor, median * Math.exp(sigma * deviation)));
  const change = () => {
    deviation = kept * deviation + fresh * drawNormal(random);
    show();
    time.after(everyMs, change);
  };
  show();
  // Each at its own moment, as machines are not in step.
  time.after(random() * everyMs, change);
}
