import type { Balancer, Endpoint, Lease, LoadReport, Outcome, PickContext, RandomSource } from "meshless/balancer";
import type { ClientBalancer } from "../contender.ts";

/** An endpoint, as a baseline's client knows it: the same object for as long as the id stays listed. */
export interface Host {
  readonly endpoint: Endpoint;
  /** Attempts of this client that hold a lease. */
  readonly inFlight: number;
}

/** Who is there, of the first fallback level that has a healthy host. */
export interface Hosts {
  readonly all: readonly Host[];
  /** Healthy by discovery, and not known to be unreachable. */
  readonly healthy: readonly Host[];
  /**
   * The healthy ones; with none of them, whoever can be reached: Kubernetes too serves terminating endpoints when nothing else is ready.
   */
  readonly callable: readonly Host[];
}

/** What sets one baseline apart from another: how it chooses. */
export interface Chooser {
  /** Called whenever somebody came, went, or changed standing, with arrays that stay as they are. */
  hostsChanged(hosts: Hosts, nowMs: number): void;
  choose(context: PickContext, nowMs: number): Host | undefined;
  onSettle?(host: Host, outcome: Outcome): void;
}

/**
 * A client that keeps the list of endpoints, skips those that it can't reach, and counts its calls in flight, as any client does; `chooser`
 * does the rest. It reads no report and no weight: none of the baselines would.
 */
export function baseline(chooser: Chooser): ClientBalancer {
  return new BaselineBalancer(chooser);
}

/** Whether the host may take the call: not yet tried for it, and of its shard. */
export function admits(context: PickContext, { endpoint }: Host): boolean {
  if (context.avoid?.has(endpoint.id)) return false;
  return context.shard === undefined || endpoint.labels.shard === context.shard;
}

/** Those of `hosts` that may take the call: the very array, unless the call asks for something. */
export function admitted(context: PickContext, hosts: readonly Host[]): readonly Host[] {
  if (context.avoid === undefined && context.shard === undefined) return hosts;
  return hosts.filter((host) => admits(context, host));
}

/** One of them, each with equal chance; undefined when there is none. */
export function drawn<T>(from: readonly T[], random: RandomSource): T | undefined {
  return from[Math.floor(random() * from.length)];
}

interface MutableHost extends Host {
  endpoint: Endpoint;
  inFlight: number;
  reachable: boolean;
}

class BaselineBalancer implements ClientBalancer {
  readonly #chooser: Chooser;
  #hosts = new Map<string, MutableHost>();

  constructor(chooser: Chooser) {
    this.#chooser = chooser;
  }

  update(endpoints: readonly Endpoint[], nowMs: number): void {
    const before = this.#hosts;
    this.#hosts = new Map();
    for (const endpoint of endpoints) {
      const host = before.get(endpoint.id) ?? { endpoint, inFlight: 0, reachable: true };
      host.endpoint = endpoint;
      this.#hosts.set(endpoint.id, host);
    }
    this.#tell(nowMs);
  }

  observe(endpointId: string, what: Parameters<Balancer["observe"]>[1], nowMs: number): void {
    const host = this.#hosts.get(endpointId);
    // A try to connect says nothing yet: what was lost stays lost until a session stands.
    if (host === undefined || typeof what !== "string" || what === "connecting") return;
    const reachable = what !== "unreachable";
    if (reachable === host.reachable) return;
    host.reachable = reachable;
    this.#tell(nowMs);
  }

  acquire(context: PickContext, nowMs: number): Lease | undefined {
    const host = this.#chooser.choose(context, nowMs);
    return host === undefined ? undefined : new HostLease(host, this.#chooser);
  }

  #tell(nowMs: number): void {
    const listed = [...this.#hosts.values()];
    const healthy = listed.filter(isHealthy);
    const level = lowestPriority(healthy.length > 0 ? healthy : listed);
    const all = listed.filter(({ endpoint }) => endpoint.priority === level);
    const chosen = healthy.filter(({ endpoint }) => endpoint.priority === level);
    const callable = chosen.length > 0 ? chosen : all.filter(({ reachable }) => reachable);
    this.#chooser.hostsChanged({ all, healthy: chosen, callable }, nowMs);
  }
}

function isHealthy({ endpoint, reachable }: MutableHost): boolean {
  return reachable && endpoint.health === "healthy";
}

function lowestPriority(hosts: readonly Host[]): number {
  return hosts.reduce((lowest, { endpoint }) => Math.min(lowest, endpoint.priority), Infinity);
}

class HostLease implements Lease {
  readonly endpoint: Endpoint;
  readonly #host: MutableHost;
  readonly #chooser: Chooser;
  #settled = false;

  constructor(host: Host, chooser: Chooser) {
    this.endpoint = host.endpoint;
    this.#host = host as MutableHost;
    this.#chooser = chooser;
    this.#host.inFlight += 1;
  }

  responded(_report: LoadReport | undefined, _nowMs: number): void {}

  settle(outcome: Outcome, _nowMs: number): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#host.inFlight -= 1;
    this.#chooser.onSettle?.(this.#host, outcome);
  }
}
