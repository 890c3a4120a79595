// What a Kubernetes Service does to clients of HTTP/2: kube-proxy balances connections, not calls, each to a random pod (iptables
// `statistic` in mode random), where it stays. So pods get what their connections happen to bring, and a new pod gets nothing.
import type { PickContext, RandomSource } from "meshless/balancer";
import type { Contender } from "../contender.ts";
import { admits, baseline, type Chooser, drawn, type Host, type Hosts } from "./baseline.ts";

export interface KubeProxyOptions {
  /** Connections that each client opens, a whole number >= 1. Default 1, as every HTTP/2 client does. */
  readonly connections?: number | undefined;
  /**
   * Age at which a connection is closed and opened anew, in ms, > 0, give or take 10 % as in gRPC's `MAX_CONNECTION_AGE`. The first ones
   * are of any age, because clients don't all start at the same moment. Default: never.
   */
  readonly maxAgeMs?: number | undefined;
}

/**
 * Round robin over a few connections, each to a random pod. A connection is drawn anew only when its pod is gone, draining, unhealthy or
 * unreachable, or when it is too old.
 *
 * @throws RangeError if `connections` is not a whole number >= 1, or `maxAgeMs` is not > 0
 */
export function kubeProxy(options: KubeProxyOptions = {}): Contender {
  const { connections = 1, maxAgeMs = Infinity } = options;
  if (!Number.isInteger(connections) || connections < 1) {
    throw new RangeError(`connections must be a whole number of at least 1, not ${connections}`);
  }
  if (!(maxAgeMs > 0)) throw new RangeError(`maxAgeMs must be above 0, not ${maxAgeMs}`);
  const aged = maxAgeMs < Infinity;
  return {
    name: `kube-proxy${connections > 1 ? `-x${connections}` : ""}${aged ? `-${maxAgeMs / 1000}s` : ""}`,
    description: `kube-proxy: ${connections} connection(s) per client, each to a random pod${aged ? `, for ${maxAgeMs / 1000} s` : ""}.`,
    create: ({ random }) => baseline(new Connections(random, connections, maxAgeMs)),
  };
}

interface Connection {
  readonly host: Host;
  readonly untilMs: number;
}

class Connections implements Chooser {
  readonly #random: RandomSource;
  readonly #maxAgeMs: number;
  readonly #open: (Connection | undefined)[];
  #callable: readonly Host[] = [];
  #started = false;
  #next = 0;

  constructor(random: RandomSource, connections: number, maxAgeMs: number) {
    this.#random = random;
    this.#maxAgeMs = maxAgeMs;
    this.#open = new Array<Connection | undefined>(connections).fill(undefined);
  }

  hostsChanged({ callable }: Hosts, nowMs: number): void {
    this.#callable = callable;
    for (const [place, connection] of this.#open.entries()) {
      if (connection === undefined || !callable.includes(connection.host)) this.#open[place] = this.#dial(nowMs);
    }
    this.#started ||= callable.length > 0;
  }

  choose(context: PickContext, nowMs: number): Host | undefined {
    for (let tried = 0; tried < this.#open.length; tried += 1) {
      const host = this.#hostAt(this.#next, nowMs);
      this.#next = (this.#next + 1) % this.#open.length;
      if (host !== undefined && admits(context, host)) return host;
    }
    return undefined;
  }

  #hostAt(place: number, nowMs: number): Host | undefined {
    const connection = this.#open[place];
    if (connection !== undefined && nowMs >= connection.untilMs) this.#open[place] = this.#dial(nowMs);
    return this.#open[place]?.host;
  }

  #dial(nowMs: number): Connection | undefined {
    const host = drawn(this.#callable, this.#random);
    if (host === undefined) return undefined;
    if (this.#maxAgeMs === Infinity) return { host, untilMs: Infinity };
    const lifetimes = this.#started ? 0.9 + 0.2 * this.#random() : this.#random();
    return { host, untilMs: nowMs + lifetimes * this.#maxAgeMs };
  }
}
