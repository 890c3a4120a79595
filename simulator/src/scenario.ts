import type { RetryOptions } from "meshless/balancer";

/**
 * A fleet, its load, and what goes wrong: plain data, so that it can be written in TypeScript or in YAML. Times are in ms from the
 * start; whatever is left out has the default that its comment says.
 */
export interface Scenario {
  /** Short and unique, such as `node-pods-90`. */
  readonly name: string;
  /** One sentence for the report: what is tried, and what good balancing looks like. */
  readonly description: string;
  /** How long calls arrive. Those in flight at the end are waited for. */
  readonly durationMs: number;
  /** Calls that arrive before this time are not measured. Default 0. */
  readonly warmUpMs?: number;
  readonly servers: readonly ServerGroup[];
  readonly clients: readonly ClientGroup[];
  readonly network?: Network;
  readonly discovery?: Discovery;
  /** Parts of the time with figures of their own, by the arrival of calls. `shaded` ones are marked in the pictures: a fault, say. Default: none. */
  readonly windows?: readonly { readonly label: string; readonly fromMs: number; readonly toMs: number; readonly shaded?: boolean }[];
}

/** A distribution of positive numbers. */
export type Distribution =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "exponential"; readonly mean: number }
  /** Cut off at 0, as in the Prequal paper: the mean comes out above `mean`. */
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number }
  /** By its own mean and its squared coefficient of variation. */
  | { readonly kind: "lognormal"; readonly mean: number; readonly scv: number }
  /** One or the other. */
  | { readonly kind: "mixture"; readonly parts: readonly { readonly share: number; readonly of: Distribution }[] };

/** Servers that are alike. */
export interface ServerGroup {
  /** Ids are `name-0`, `name-1`, ... */
  readonly name: string;
  readonly count: number;
  /** Default: no zone. */
  readonly zone?: string;
  /** Fallback level, 0 is preferred. Default 0. */
  readonly priority?: number;
  /** As discovery tells it. Default 1. */
  readonly weight?: number;
  /** Calls it works on at full speed at once; may be fractional with `processorSharing`. */
  readonly cores: number;
  /**
   * `processorSharing`: n calls run at the speed min(1, cores / n) each, as threads and fibers do. `fifo`: at most `cores` calls run, the others wait in
   * line. Default `processorSharing`.
   */
  readonly discipline?: "processorSharing" | "fifo";
  /** Work takes this many times as long. Default 1. */
  readonly slowdown?: number;
  /** Other tenants of the machine: capacity is `cores` times a log-normal walk. Default: none. */
  readonly antagonist?: Antagonist;
  /** Work takes `factor` times as long at first, falling evenly to 1 while `overMs` pass from when it joined. Default: none. */
  readonly coldStart?: { readonly factor: number; readonly overMs: number };
  /** Work takes longer where few calls were served, above all at first. Default: none. */
  readonly warmedByUse?: WarmedByUse;
  /** When they exist and are in discovery. With `everyMs`, the i-th joins i times as much later. Default: from the start. */
  readonly joins?: { readonly atMs: number; readonly everyMs?: number };
  /**
   * When they go. With `drainMs`, discovery says `draining` that long before, and the server reports it. Without notice (0), connections are reset.
   * `staysListedMs`: how long discovery lists it after it is gone. Default: never go.
   */
  readonly leaves?: { readonly atMs: number; readonly everyMs?: number; readonly drainMs?: number; readonly staysListedMs?: number };
  readonly faults?: readonly Fault[];
  /** What it says of itself with its answers; false: nothing. Default: the truth, at most 5 ms old. */
  readonly reports?: Reporting | false;
  /** Turns a call away before the handler when this many are in flight, if the call allows it; of any n that arrive, at most 10 + n / 2. Default: never. */
  readonly bounceLimit?: number;
}

/** Capacity = cores * max(floor, X), log X an Ornstein-Uhlenbeck process. */
export interface Antagonist {
  readonly median: number;
  /** Of log X. */
  readonly sigma: number;
  readonly floor: number;
  /** How often it changes. Default 1000. */
  readonly everyMs?: number;
  /** Time constant of its memory. Default 10 000. */
  readonly correlationMs?: number;
}

/** After c calls served, a call needs `addedMs` / (1 + c / `halfAfterCalls`) of work more: caches fill, code is compiled. */
export interface WarmedByUse {
  readonly addedMs: number;
  readonly halfAfterCalls: number;
  /** Time constant with which calls served are forgotten: what is seldom called grows cold. Default: never. */
  readonly forgetsMs?: number;
}

/** From `fromMs` to `toMs` (default: to the end), on the first `servers` of the group (default: all). */
export type Fault = { readonly fromMs: number; readonly toMs?: number; readonly servers?: number } & (
  | /** Answers this share of calls with an error after `afterMs` (default 1), without doing the work. */
  { readonly kind: "errors"; readonly share: number; readonly afterMs?: number }
  /** Tells this share of calls that they are at fault (permission denied, not found), though they are not, after `afterMs` (default 0), without doing the work. */
  | { readonly kind: "refuses"; readonly share: number; readonly afterMs?: number }
  /**
   * Takes calls and works on none of them; goes on with them at the end, if there is one. Only the work is stuck: it still answers probes,
   * and bounces.
   */
  | { readonly kind: "hang" }
  /**
   * Pauses of `pauseMs` that begin at intervals of `everyMs` on average, the time between them being exponential: garbage collection. Probes
   * wait, too.
   */
  | { readonly kind: "pauses"; readonly pauseMs: number; readonly everyMs: number }
  /** Work takes this many times as long. */
  | { readonly kind: "slow"; readonly factor: number }
  /** Nothing listens: connections in use are reset, new ones refused; discovery goes on listing it. */
  | { readonly kind: "down" }
);

export interface Reporting {
  /** Additional delay until a report reaches the client; later answers' reports don't overtake. Default 0. */
  readonly delayMs?: number;
  /** Answers within this time share one report. Default 5, as with the server hooks; 0: each has its own. */
  readonly shareMs?: number;
  /** Share of answers that carry no report. Default 0. */
  readonly loss?: number;
  /** What is said instead of the truth, to probes as well. Default: the truth. */
  readonly lie?: {
    readonly inFlight?: number;
    readonly utilization?: number;
    readonly requestsPerSecond?: number;
    readonly latencyMs?: number;
    readonly draining?: boolean;
  };
}

/** Clients that are alike, each with a balancer of its own. Arrivals are open-loop: a slow answer holds no later call back. */
export interface ClientGroup {
  readonly name: string;
  readonly count: number;
  /** Default: no zone. */
  readonly zone?: string;
  /** Calls per second of the whole group: a number, or steps, each from `atMs` on. `ramp`: changes evenly towards the next step. */
  readonly rate: number | readonly { readonly atMs: number; readonly perSecond: number; readonly ramp?: boolean }[];
  /** How unequal clients are: sigma of a log-normal share of the rate. Default 0: equal. */
  readonly rateSigma?: number;
  /** Mean size of bursts of calls that arrive together at one client (geometric). Default 1: a Poisson process. */
  readonly burst?: number;
  /** Work of a call, in ms of one core. */
  readonly work: Distribution;
  /**
   * Work on the client's only thread for each call that arrives, and for each answer, in ms: all of them wait in line for it, so that calls are sent late, and
   * answers and their reports are heard late. Default: none.
   */
  readonly ownWork?: Distribution;
  /**
   * This share of calls is at fault itself, whichever server it comes to: the answer is an error (not found), after `afterMs` (default: once its work is
   * done). That is what there is to answer, so that the call does not count as failed. Default: none.
   */
  readonly mistaken?: { readonly share: number; readonly afterMs?: number };
  /** Default 5000. */
  readonly timeoutMs?: number;
  /** Whether calls may be made again after an attempt that may have been processed. Default false. */
  readonly idempotent?: boolean;
  /** How they are made again, as the option `retry` of a transport says it, its budget included. Default: once, where the connection broke; without a budget. */
  readonly retry?: RetryOptions;
  /** Balances by kube-proxy whatever the contender: a fleet that is on its way. Default false. */
  readonly unbalanced?: boolean;
  /** Keys for consistent hashing: this many, Zipf-distributed by `zipf` (default 0: all alike). Default: no keys. */
  readonly keys?: { readonly count: number; readonly zipf?: number };
}

export interface Network {
  /** Round trip within a zone, and for endpoints without one. Default 1. */
  readonly rttMs?: number;
  /** Round trip between zones. Default: as within one. */
  readonly crossZoneRttMs?: number;
  /** Each way is spread evenly by ± this share. Default 0.1. */
  readonly jitter?: number;
  /** Added to each way, in ms: what clients see of hiccups between them and the server, which itself knows nothing of them. Default: none. */
  readonly noise?: Distribution;
  /** The first call on a connection gets there `addedMs` later, the next ones evenly less, until so many `calls` were sent. Default: none. */
  readonly connectionWarmUp?: { readonly addedMs: number; readonly calls: number };
}

export interface Discovery {
  /** From a change of the fleet to each client's knowledge of it, spread evenly by ±50 %. Default 500. */
  readonly delayMs?: number;
  /** While stalled, changes don't reach anybody. Default: never. */
  readonly stalls?: readonly { readonly fromMs: number; readonly toMs: number }[];
}
