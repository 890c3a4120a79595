// What no balancing can beat, because it needs none: one server in the place of the fleet, for the very calls that every contender meets,
// with their work and their way through the network. It is in every client's zone, turns nobody away and never fails.
import type { Contender } from "../contender.ts";
import { kubeProxy } from "../contenders/kube-proxy.ts";
import { type Timed, VirtualTime } from "../engine/virtual-time.ts";
import { buildServers, type FleetServer, type ServersEnv } from "../fleet/build-servers.ts";
import { presenceOf } from "../fleet/presence.ts";
import { SimServer } from "../fleet/sim-server.ts";
import { runScenario } from "../run-scenario.ts";
import type { ServerGroup } from "../scenario.ts";
import type { Entrant } from "../suite/entrant.ts";

/** Latency without any queue: the quantiles of round trip and work. */
export const serviceBound: Entrant = boundOf(
  "service-bound",
  "Bound: each call has a core of the fastest server to itself.",
  (groups, { time }) => {
    const server = loneServer(time);
    server.server.setPace(Number.MAX_SAFE_INTEGER, fullRate(groups));
    return [server];
  },
);

/**
 * Latency if no core were ever idle while another has two calls: one server with processor sharing that has at every moment what all
 * servers have together, of which a call gets one core of the fastest server at most.
 */
export const pooled: Entrant = boundOf(
  "pooled",
  "Bound: one server with the capacity of all, at every moment, each call on one core at most.",
  (groups, env) => {
    const server = loneServer(env.time);
    new Shadow(groups, env, server.server).fire();
    return [server];
  },
);

function boundOf(name: string, description: string, build: typeof buildServers): Entrant {
  const contender: Contender = { ...kubeProxy(), name, description };
  return { name, description, isBound: true, run: (scenario, seed) => runScenario(scenario, contender, seed, build) };
}

function loneServer(time: VirtualTime): FleetServer {
  const group: ServerGroup = { name: "all", count: 1, cores: 1 };
  const server = new SimServer("all-0", 0, group, time);
  server.state = "serving";
  return { server, presence: presenceOf(group, 0) };
}

/** Of the fastest server, warm and without a fault. */
function fullRate(groups: readonly ServerGroup[]): number {
  return 1 / Math.min(...groups.map(({ slowdown = 1 }) => slowdown));
}

/** The fleet as the scenario has it, which nobody calls: it lives in a time of its own, kept in step, and lends its capacity to another. */
class Shadow implements Timed {
  place = -1;
  readonly #time: VirtualTime;
  readonly #ownTime = new VirtualTime();
  readonly #fleet: readonly FleetServer[];
  readonly #fullRate: number;
  readonly #borrower: SimServer;

  constructor(groups: readonly ServerGroup[], { time, streams }: ServersEnv, borrower: SimServer) {
    this.#time = time;
    this.#fleet = buildServers(groups, { time: this.#ownTime, streams, onConnectionsLost: () => {} });
    this.#fullRate = fullRate(groups);
    this.#borrower = borrower;
  }

  /** Whenever something happens to the fleet. */
  fire(): void {
    this.#ownTime.run(() => this.#ownTime.nextAtMs > this.#time.nowMs);
    const cores = this.#capacity / this.#fullRate;
    // No cores at all is the same as standing still.
    if (cores > 0) this.#borrower.setPace(cores, this.#fullRate);
    else this.#borrower.setPace(1, 0);
    this.#time.schedule(this, this.#ownTime.nextAtMs);
  }

  /** Work done in a ms, in ms, with enough calls to do. */
  get #capacity(): number {
    return this.#fleet.reduce((sum, { server }) => sum + server.workingCores / server.slowness, 0);
  }
}
