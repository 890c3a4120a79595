import type { ServiceEndpoint, ServiceKey, ServicePort, ServicesObserver, WatchedService } from "meshless-kubernetes";
import type { Clock, Timer } from "../clock.ts";
import { addressText } from "../service.ts";

/** How long clients wait for other clusters to have told all that they have, once this one has. Without the wait, who has no pods here would see a gap. */
const patienceMs = 3_000;

/**
 * Adds to the Services of this cluster what other clusters have for Services of the same namespace and name: the first one's as priority 1, and so on. What
 * was heard of a cluster stays as long as nothing else is heard of it, and none of them keeps this one waiting for long.
 */
export class MergedClusters {
  /** Hears of this cluster. */
  readonly local: ServicesObserver;
  /** By their names. Each hears of one of the others. */
  readonly remotes: ReadonlyMap<string, ServicesObserver>;
  readonly #observer: ServicesObserver;
  readonly #clock: Clock;
  readonly #own: ClusterServices = new Map();
  readonly #others: ReadonlyMap<string, ClusterServices>;
  readonly #troubles = new Map<string, Error>();
  readonly #unsynced: Set<string>;
  #isComplete = false;
  #timer: Timer | undefined;

  /** @param names of the others, in the order in which they are called */
  constructor(names: readonly string[], clock: Clock, observer: ServicesObserver) {
    this.#observer = observer;
    this.#clock = clock;
    this.#others = new Map(names.map((name) => [name, new Map()]));
    this.#unsynced = new Set(names);
    this.local = {
      ...this.#observerOf("", this.#own, () => this.#localIsComplete()),
      node: (node) => observer.node?.(node),
      nodeGone: (name) => observer.nodeGone?.(name),
    };
    this.remotes = new Map([...this.#others].map(([name, services]) => [name, this.#observerOf(name, services, () => this.#synced(name))]));
  }

  close(): void {
    this.#timer?.cancel();
  }

  #observerOf(name: string, services: ClusterServices, complete: () => void): ServicesObserver {
    return {
      present: (service) => {
        services.set(keyOf(service), service);
        this.#tell(service);
      },
      gone: (service) => {
        services.delete(keyOf(service));
        this.#tell(service);
      },
      complete,
      trouble: (error) => this.#trouble(name, error),
    };
  }

  #tell(key: ServiceKey): void {
    const own = this.#own.get(keyOf(key));
    if (own === undefined) return this.#observer.gone(key);
    const others = [...this.#others].map(([name, services]) => ({ name, service: services.get(keyOf(key)) }));
    this.#observer.present({ ...own, ports: own.ports.map((port) => withOthers(port, others)) });
  }

  #localIsComplete(): void {
    if (this.#unsynced.size === 0) this.#complete();
    else this.#timer = this.#clock.after(patienceMs, () => this.#complete());
  }

  #synced(name: string): void {
    this.#unsynced.delete(name);
    if (this.#unsynced.size === 0 && this.#timer !== undefined) this.#complete();
  }

  #complete(): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    this.#timer?.cancel();
    this.#observer.complete();
  }

  #trouble(name: string, error: Error | undefined): void {
    const named = error && (name === "" ? error : new Error(`cluster ${name}: ${error.message}`, { cause: error }));
    if (named === undefined) this.#troubles.delete(name);
    else this.#troubles.set(name, named);
    this.#observer.trouble(named ?? this.#troubles.values().next().value);
  }
}

type ClusterServices = Map<string, WatchedService>;

function keyOf({ namespace, name }: ServiceKey): string {
  return `${namespace}/${name}`;
}

function withOthers(
  port: ServicePort,
  others: readonly { readonly name: string; readonly service: WatchedService | undefined }[],
): ServicePort {
  const found = others.flatMap(({ name, service }, index) => {
    const other = service?.ports.find((each) => (port.name === "" ? each.port === port.port : each.name === port.name));
    return (other?.endpoints ?? []).map((endpoint) => remoteEndpoint(endpoint, name, index + 1));
  });
  if (found.length === 0) return port;
  // What this cluster exports comes back as an import.
  const seen = new Set(port.endpoints.map(addressText));
  const added = found.filter((endpoint) => !seen.has(addressText(endpoint)) && seen.add(addressText(endpoint)));
  return { ...port, endpoints: [...port.endpoints, ...added] };
}

/** One that stays is the same object to the end. */
const made = new WeakMap<ServiceEndpoint, ServiceEndpoint>();

/** In the region of the cluster's name, since zones of two clusters may have one name. */
function remoteEndpoint(endpoint: ServiceEndpoint, cluster: string, priority: number): ServiceEndpoint {
  const known = made.get(endpoint) ?? elsewhere(endpoint, cluster, priority);
  made.set(endpoint, known);
  return known;
}

/** Its node and the zones that it is for are of a cluster in which none of our clients is. */
function elsewhere(endpoint: ServiceEndpoint, cluster: string, priority: number): ServiceEndpoint {
  const { forZones: _, ...labels } = endpoint.labels;
  return { ...endpoint, priority, region: endpoint.region || cluster, node: "", labels: { cluster, ...labels } };
}
