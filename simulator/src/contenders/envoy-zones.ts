// Envoy's zone aware routing: each zone takes the share of the traffic that its hosts are of all hosts, and as much of that as possible
// comes from its own clients. It counts hosts on both sides and looks at no load: zones are made equal even when there is no need.
// Source: source/extensions/load_balancing_policies/common/load_balancer_impl.cc, ZoneAwareLoadBalancerBase.
import type { PickContext, RandomSource } from "meshless/balancer";
import type { Contender, ContenderEnv } from "../contender.ts";
import { admitted, baseline, type Chooser, drawn, type Host, type Hosts } from "./baseline.ts";

export interface EnvoyZonesOptions {
  /** With fewer healthy hosts, zones are ignored. Default 6, as `min_cluster_size`. */
  readonly minClusterSize?: number | undefined;
  /**
   * Share of healthy hosts, 0 to 1, below which calls go to all hosts, healthy or not, of any zone. Default 0.5, as
   * `healthy_panic_threshold`.
   */
  readonly panicThreshold?: number | undefined;
  /** Hosts drawn for each call, with replacement, a whole number >= 1. Default 2, as `choice_count`. */
  readonly choices?: number | undefined;
}

/** Envoy's LEAST_REQUEST, within a zone that its zone aware routing draws; without zones, over all hosts. */
export function envoyZones(options: EnvoyZonesOptions = {}): Contender {
  return {
    name: "envoy-zones",
    description: "Envoy: zone aware routing by the counts of hosts and clients in each zone, then least request of two draws.",
    create: (env) => baseline(new ZoneAwareLeastRequest(env, options)),
  };
}

type Zone = string | undefined;

/**
 * Which share of a client's calls goes to which zone, by the counts of healthy hosts and of clients in each; undefined where Envoy ignores
 * zones: fewer than two zones on either side, or a client's zone without clients.
 */
export function zoneSplit(
  own: Zone,
  hosts: ReadonlyMap<Zone, number>,
  clients: ReadonlyMap<Zone, number>,
): ReadonlyMap<Zone, number> | undefined {
  if (hosts.size < 2 || clients.size < 2 || !clients.get(own)) return undefined;
  const upstream = shares(hosts);
  const local = shares(clients);
  const ownUpstream = upstream.get(own) ?? 0;
  const stay = Math.min(1, ownUpstream / (local.get(own) as number));
  const room = new Map([...upstream].map(([zone, share]) => [zone, zone === own ? 0 : Math.max(0, share - (local.get(zone) ?? 0))]));
  const allRoom = total(room);
  // No room anywhere: what can't stay goes to any zone, each alike.
  const leave = (zone: Zone): number => (1 - stay) * (allRoom > 0 ? (room.get(zone) as number) / allRoom : 1 / upstream.size);
  return new Map([...upstream.keys()].map((zone) => [zone, (zone === own ? stay : 0) + leave(zone)]));
}

function shares(counts: ReadonlyMap<Zone, number>): ReadonlyMap<Zone, number> {
  const all = total(counts);
  return new Map([...counts].map(([zone, count]) => [zone, count / all]));
}

function total(numbers: ReadonlyMap<Zone, number>): number {
  return [...numbers.values()].reduce((sum, number) => sum + number, 0);
}

/** Hosts that are drawn among, with the chance that they are. */
interface Pool {
  readonly hosts: readonly Host[];
  readonly share: number;
}

class ZoneAwareLeastRequest implements Chooser {
  readonly #env: ContenderEnv;
  readonly #options: EnvoyZonesOptions;
  readonly #choices: number;
  #hosts: Hosts = { all: [], healthy: [], callable: [] };
  #pools: readonly Pool[] = [];

  constructor(env: ContenderEnv, options: EnvoyZonesOptions) {
    this.#env = env;
    this.#options = options;
    this.#choices = options.choices ?? 2;
  }

  hostsChanged(hosts: Hosts): void {
    this.#hosts = hosts;
    this.#pools = this.#poolsOf(hosts);
  }

  choose(context: PickContext): Host | undefined {
    const { random } = this.#env;
    const here = admitted(context, drawnPool(this.#pools, random));
    return leastRequest(here.length > 0 ? here : admitted(context, this.#hosts.callable), this.#choices, random);
  }

  #poolsOf({ all, healthy }: Hosts): readonly Pool[] {
    const { minClusterSize = 6, panicThreshold = 0.5 } = this.#options;
    if (healthy.length < panicThreshold * all.length) return [{ hosts: all, share: 1 }];
    const everywhere = [{ hosts: healthy, share: 1 }];
    if (healthy.length < minClusterSize) return everywhere;
    const healthyByZone = Map.groupBy(healthy, zoneOf);
    // A zone without a healthy host counts as a zone, one of share 0.
    const counts = new Map(all.map((host) => [zoneOf(host), healthyByZone.get(zoneOf(host))?.length ?? 0]));
    const split = zoneSplit(this.#env.zone, counts, this.#env.clientsByZone);
    return split === undefined ? everywhere : [...split].map(([zone, share]) => ({ hosts: healthyByZone.get(zone) ?? [], share }));
  }
}

/** The hosts of one of the pools, by its share. */
function drawnPool(pools: readonly Pool[], random: RandomSource): readonly Host[] {
  let point = random();
  for (const { hosts, share } of pools) {
    if (point < share) return hosts;
    point -= share;
  }
  return [];
}

function zoneOf({ endpoint }: Host): Zone {
  return endpoint.locality?.zone;
}

function leastRequest(hosts: readonly Host[], choices: number, random: RandomSource): Host | undefined {
  let least = drawn(hosts, random);
  for (let draws = 1; draws < choices && least !== undefined; draws += 1) {
    const other = drawn(hosts, random) as Host;
    if (other.inFlight < least.inFlight) least = other;
  }
  return least;
}
