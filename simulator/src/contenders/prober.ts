import type { Outcome, PickContext } from "meshless/balancer";
import type { ContenderEnv, ProbeAnswer } from "../contender.ts";
import { admits, admitted, type Chooser, drawn, type Host, type Hosts } from "./baseline.ts";
import { type IsBetter, type PoolEntry, ProbePool } from "./probe-pool.ts";

/** How Prequal probes (§4 of the paper). Names in parentheses are the paper's. */
export interface ProbingOptions {
  /** Probes sent for each call, >= 0; with a fraction, now one more and now one less, in turn (r_probe). Default 3. */
  readonly probesPerCall?: number | undefined;
  /** Entries taken from the pool for each call besides the used ones, >= 0, fractions likewise (r_remove). Default 1. */
  readonly removalsPerCall?: number | undefined;
  /** Entries that the pool holds, a whole number >= 2 (m). Default 16. */
  readonly poolSize?: number | undefined;
  /** Age at which an entry expires, in ms. Default 1000. */
  readonly entryTtlMs?: number | undefined;
  /** How far more uses the pool grants than it needs on average, >= 0 (delta). Default 1. */
  readonly reuseSlack?: number | undefined;
  /** Later answers are ignored, in ms. Default 3. */
  readonly probeTimeoutMs?: number | undefined;
}

type ProbingSettings = Readonly<Record<keyof ProbingOptions, number>>;

/** What is made of the answers. */
export interface Ranking {
  readonly isBetter: IsBetter;
  onAnswer?(host: Host, answer: ProbeAnswer): void;
  onSettle?(host: Host, outcome: Outcome): void;
  hostsChanged?(hosts: ReadonlySet<Host>): void;
}

/** The fewest entries that a choice is left to. */
const ENOUGH_TO_CHOOSE = 2;

/**
 * How many calls an entry may decide (b_reuse), before rounding: such that the pool neither runs dry nor overflows. A probe adds an entry
 * unless its host has one, as `poolSize` of `hosts` have. Where more leaves the pool than comes in, the paper's formula is negative
 * and its max{1, ...} is 1: taken to the letter, because it serves Prequal. Hosts are few then, and soon probed again (p99 of
 * `load-doubles` 145 ms; if entries were used until they expire, 295 ms).
 */
export function reuseBudget(options: ProbingSettings, hosts: number): number {
  const { poolSize, probesPerCall, removalsPerCall, reuseSlack } = options;
  const gainPerCall = (1 - Math.min(1, poolSize / hosts)) * probesPerCall - removalsPerCall;
  return Math.max(1, (1 + reuseSlack) / gainPerCall);
}

/** Prequal's asynchronous probing: each call is placed by what earlier probes brought, and sends the probes for later ones. */
export class Prober implements Chooser {
  readonly #env: ContenderEnv;
  readonly #options: ProbingSettings;
  readonly #ranking: Ranking;
  readonly #pool: ProbePool;
  #callable: ReadonlySet<Host> = new Set();
  /** The same hosts, in an order that the draws shuffle. */
  #shuffled: Host[] = [];
  #reuse = 1;
  #probesDue = 0;
  #removalsDue = 0;

  constructor(env: ContenderEnv, options: ProbingOptions, ranking: Ranking) {
    this.#env = env;
    this.#options = withDefaults(options);
    this.#ranking = ranking;
    this.#pool = new ProbePool(this.#options.poolSize, this.#options.entryTtlMs);
  }

  hostsChanged({ callable }: Hosts): void {
    this.#callable = new Set(callable);
    this.#shuffled = [...callable];
    this.#reuse = reuseBudget(this.#options, callable.length);
    this.#pool.retain(this.#callable);
    this.#ranking.hostsChanged?.(this.#callable);
  }

  choose(context: PickContext, nowMs: number): Host | undefined {
    this.#pool.expire(nowMs);
    const host = this.#choosePooled(context) ?? drawn(admitted(context, this.#shuffled), this.#env.random);
    for (this.#removalsDue += this.#options.removalsPerCall; this.#removalsDue >= 1; this.#removalsDue -= 1) {
      this.#pool.removeOne(this.#ranking.isBetter);
    }
    this.#probe();
    return host;
  }

  onSettle(host: Host, outcome: Outcome): void {
    this.#ranking.onSettle?.(host, outcome);
  }

  #choosePooled(context: PickContext): Host | undefined {
    const { isBetter } = this.#ranking;
    let best: PoolEntry | undefined;
    let choices = 0;
    for (const entry of this.#pool.entries) {
      if (!admits(context, entry.host)) continue;
      choices += 1;
      if (best === undefined || isBetter(entry, best)) best = entry;
    }
    if (best === undefined || choices < ENOUGH_TO_CHOOSE) return undefined;
    this.#pool.use(best);
    return best.host;
  }

  /** To hosts drawn without replacement. */
  #probe(): void {
    this.#probesDue += this.#options.probesPerCall;
    const count = Math.floor(this.#probesDue);
    this.#probesDue -= count;
    const hosts = this.#shuffled;
    for (let place = 0; place < Math.min(count, hosts.length); place += 1) {
      const other = place + Math.floor(this.#env.random() * (hosts.length - place));
      const host = hosts[other] as Host;
      hosts[other] = hosts[place] as Host;
      hosts[place] = host;
      this.#probeOne(host);
    }
  }

  #probeOne(host: Host): void {
    const sentAtMs = this.#env.now();
    this.#env.probe(host.endpoint.id, (answer) => {
      const receivedAtMs = this.#env.now();
      if (receivedAtMs - sentAtMs > this.#options.probeTimeoutMs || !this.#callable.has(host)) return;
      this.#ranking.onAnswer?.(host, answer);
      const { inFlight, latencyMs = 0 } = answer;
      this.#pool.add({ host, receivedAtMs, inFlight, latencyMs, usesLeft: this.#uses() });
    });
  }

  /** The budget, rounded up or down at random so that it holds on average. */
  #uses(): number {
    const whole = Math.floor(this.#reuse);
    return this.#env.random() < this.#reuse - whole ? whole + 1 : whole;
  }
}

function withDefaults(options: ProbingOptions): ProbingSettings {
  const { probesPerCall = 3, removalsPerCall = 1, poolSize = 16, entryTtlMs = 1000, reuseSlack = 1, probeTimeoutMs = 3 } = options;
  return { probesPerCall, removalsPerCall, poolSize, entryTtlMs, reuseSlack, probeTimeoutMs };
}
