// C3's score of a server, with Prequal's probes in place of its own feedback, as the Prequal paper compares them (Fig. 7).
// The cube makes a long queue count for more than a quick server. C3's rate control is left out, as it is there. One guard is ours:
// without it, C3 floods servers that seem to take no time at all.
// Source: Suresh et al., "C3: Cutting Tail Latency in Cloud Data Stores via Adaptive Replica Selection", NSDI 2015.
import type { Outcome } from "meshless/balancer";
import type { Contender, ProbeAnswer } from "../contender.ts";
import { baseline, type Host } from "./baseline.ts";
import { Prober, type ProbingOptions, type Ranking } from "./prober.ts";

export interface C3Options extends ProbingOptions {
  /** Weight of the newest number in each average, above 0, at most 1. Default 0.9, as C3's own. */
  readonly newestWeight?: number | undefined;
}

export function c3(options: C3Options = {}): Contender {
  const { newestWeight = 0.9 } = options;
  return {
    name: "c3",
    description: "C3's cubic score (NSDI 2015), with Prequal's probing.",
    create(env) {
      const clients = [...env.clientsByZone.values()].reduce((sum, count) => sum + count, 0);
      return baseline(new Prober(env, options, new C3Ranking(clients, newestWeight)));
    },
  };
}

/**
 * A server's work is taken to last at least this share of this client's mean response. A server that is flooded answers its shortest calls
 * alone for a while, so that its latency seems to fall to nothing, and with 1/μ the cube that should keep calls away.
 */
const LEAST_SHARE_OF_MEAN = 0.5;

/** Weight of the newest response in the mean over all servers. */
const MEAN_NEWEST_WEIGHT = 0.02;

/** Averages of what is known of a server, NaN before the first number. */
interface ServerAverages {
  /** q̄, by probes. */
  inFlight: number;
  /** 1/μ, by probes. */
  serviceMs: number;
  /** R, by this client's own calls. */
  responseMs: number;
}

/**
 * Lowest first: Ψ = (R - 1/μ) + q̂³/μ, with q̂ = 1 + (own calls in flight there) · (number of clients) + q̄. Who has not answered a call of
 * this client yet counts as if its answers took no longer than its work.
 */
export class C3Ranking implements Ranking {
  readonly #clients: number;
  readonly #newestWeight: number;
  readonly #averages = new Map<Host, ServerAverages>();
  /** Of all servers; NaN before the first response. */
  #meanResponseMs = NaN;

  constructor(clients: number, newestWeight: number) {
    this.#clients = clients;
    this.#newestWeight = newestWeight;
  }

  readonly isBetter = (one: { readonly host: Host }, other: { readonly host: Host }): boolean =>
    this.score(one.host) < this.score(other.host);

  score(host: Host): number {
    const { inFlight, serviceMs, responseMs } = this.#of(host);
    const queue = 1 + host.inFlight * this.#clients + orElse(inFlight, 0);
    const workMs = Math.max(orElse(serviceMs, 0), LEAST_SHARE_OF_MEAN * orElse(this.#meanResponseMs, 0));
    return orElse(responseMs, workMs) - workMs + queue ** 3 * workMs;
  }

  onAnswer(host: Host, { inFlight, latencyMs }: ProbeAnswer): void {
    const averages = this.#of(host);
    averages.inFlight = blend(averages.inFlight, inFlight, this.#newestWeight);
    if (latencyMs !== undefined) averages.serviceMs = blend(averages.serviceMs, latencyMs, this.#newestWeight);
  }

  onSettle(host: Host, { kind, latencyMs }: Outcome): void {
    if (kind !== "success" && kind !== "timeout") return;
    this.#meanResponseMs = blend(this.#meanResponseMs, latencyMs, MEAN_NEWEST_WEIGHT);
    const averages = this.#averages.get(host);
    if (averages !== undefined) averages.responseMs = blend(averages.responseMs, latencyMs, this.#newestWeight);
  }

  hostsChanged(hosts: ReadonlySet<Host>): void {
    for (const host of this.#averages.keys()) if (!hosts.has(host)) this.#averages.delete(host);
  }

  #of(host: Host): ServerAverages {
    let averages = this.#averages.get(host);
    if (averages === undefined) {
      averages = { inFlight: NaN, serviceMs: NaN, responseMs: NaN };
      this.#averages.set(host, averages);
    }
    return averages;
  }
}

function blend(before: number, newest: number, newestWeight: number): number {
  return Number.isNaN(before) ? newest : before + newestWeight * (newest - before);
}

function orElse(average: number, unknown: number): number {
  return Number.isNaN(average) ? unknown : average;
}
