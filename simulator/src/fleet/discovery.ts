import type { Endpoint, RandomSource } from "meshless/balancer";
import type { VirtualTime } from "../engine/virtual-time.ts";
import type { Discovery } from "../scenario.ts";
import type { FleetServer } from "./build-servers.ts";
import type { SimServer } from "./sim-server.ts";

/** Who is told of changes. */
export interface DiscoveryListener {
  learn(endpoints: readonly Endpoint[]): void;
}

/** The set of endpoints from a moment on. */
interface Version {
  readonly atMs: number;
  readonly endpoints: readonly Endpoint[];
}

interface Follower {
  readonly listener: DiscoveryListener;
  readonly random: RandomSource;
  /** The latest version that it was told. */
  known: number;
}

const PORT = 8080;

/** A control plane: knows each change of the fleet at once, and tells it to each client some time later. */
export class SimDiscovery {
  readonly #time: VirtualTime;
  readonly #delayMs: number;
  readonly #stalls: NonNullable<Discovery["stalls"]>;
  readonly #versions: readonly Version[];
  readonly #followers: Follower[] = [];

  constructor(time: VirtualTime, listed: readonly FleetServer[], { delayMs = 500, stalls = [] }: Discovery = {}) {
    this.#time = time;
    this.#delayMs = delayMs;
    this.#stalls = [...stalls].sort((a, b) => a.fromMs - b.fromMs);
    this.#versions = versionsOf(listed);
  }

  /** What everybody knows from the start. */
  get initial(): readonly Endpoint[] {
    return this.#versions[0]?.endpoints ?? [];
  }

  /** @param random the listener's own chance */
  follow(listener: DiscoveryListener, random: RandomSource): void {
    this.#followers.push({ listener, random, known: 0 });
  }

  /** Tells the changes as they come. */
  start(): void {
    for (const [number, { atMs }] of this.#versions.entries()) {
      if (number > 0) this.#time.at(atMs, () => this.#tellAll(number));
    }
  }

  #tellAll(number: number): void {
    const { endpoints } = this.#versions[number] as Version;
    for (const follower of this.#followers) {
      this.#time.at(this.#toldAtMs(this.#time.nowMs, follower.random), () => {
        // Overtaken: it knows better already.
        if (follower.known > number) return;
        follower.known = number;
        follower.listener.learn(endpoints);
      });
    }
  }

  #toldAtMs(changedAtMs: number, random: RandomSource): number {
    const delayMs = this.#delayMs * (0.5 + random());
    let atMs = changedAtMs + delayMs;
    for (const { fromMs, toMs } of this.#stalls) if (atMs >= fromMs && atMs < toMs) atMs = toMs + delayMs;
    return atMs;
  }
}

function versionsOf(listed: readonly FleetServer[]): readonly Version[] {
  const times = listed.flatMap(({ presence: { fromMs, drainsAtMs, unlistedAtMs } }) => [fromMs, drainsAtMs, unlistedAtMs]);
  const changes = [...new Set([0, ...times])].filter((atMs) => atMs !== Infinity).sort((a, b) => a - b);
  const describe = endpointCache();
  return changes.map((atMs) => ({
    atMs,
    endpoints: listed
      .filter(({ presence }) => presence.fromMs <= atMs && atMs < presence.unlistedAtMs)
      .map(({ server, presence }) => describe(server, presence.drainsAtMs <= atMs)),
  }));
}

/** Endpoints that did not change are the same objects in all versions. */
function endpointCache(): (server: SimServer, draining: boolean) => Endpoint {
  const cache = new Map<string, Endpoint>();
  return (server, draining) => {
    const key = `${server.id} ${draining}`;
    const endpoint = cache.get(key) ?? endpointOf(server, draining);
    cache.set(key, endpoint);
    return endpoint;
  };
}

function endpointOf({ id, index, group }: SimServer, draining: boolean): Endpoint {
  const { zone, weight = 1, priority = 0 } = group;
  return {
    id,
    address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
    port: PORT,
    weight,
    priority,
    health: draining ? "draining" : "healthy",
    ...(zone !== undefined && { locality: { region: "simulated", zone } }),
    labels: {},
  };
}
