import type { Contender } from "./contender.ts";
import { kubeProxy } from "./contenders/kube-proxy.ts";
import { RandomStreams } from "./engine/random-streams.ts";
import { VirtualTime } from "./engine/virtual-time.ts";
import { buildClients, countByZone } from "./fleet/build-clients.ts";
import type { buildServers, FleetServer } from "./fleet/build-servers.ts";
import { SimDiscovery } from "./fleet/discovery.ts";
import { SimNetwork } from "./fleet/network.ts";
import { oracleOf } from "./fleet/oracle.ts";
import type { SimClient } from "./fleet/sim-client.ts";
import type { SimServer } from "./fleet/sim-server.ts";
import { FleetMeter } from "./measure/fleet-meter.ts";
import { Recorder } from "./measure/recorder.ts";
import { type Measured, summarize } from "./measure/summarize.ts";
import type { Scenario } from "./scenario.ts";

/** One run of a scenario: everything that it is made of, tied together. */
export class Simulation {
  readonly #scenario: Scenario;
  readonly #time = new VirtualTime();
  readonly #network: SimNetwork;
  readonly #streams: RandomStreams;
  readonly #servers: readonly FleetServer[];
  readonly #serversById: ReadonlyMap<string, SimServer>;
  readonly #clients: readonly SimClient[];
  readonly #recorder: Recorder;
  readonly #meter: FleetMeter;

  constructor(scenario: Scenario, contender: Contender, seed: number, build: typeof buildServers) {
    const { durationMs, warmUpMs = 0, windows = [] } = scenario;
    this.#scenario = scenario;
    this.#network = new SimNetwork(scenario.network);
    this.#streams = new RandomStreams(seed);
    this.#servers = build(scenario.servers, {
      time: this.#time,
      streams: this.#streams,
      onConnectionsLost: (server) => this.#tellConnectionsLost(server),
    });
    this.#serversById = new Map(this.#servers.map(({ server }) => [server.id, server]));
    this.#recorder = new Recorder({ warmUpMs, durationMs, servers: this.#servers.length, windows });
    this.#meter = new FleetMeter(this.#time, this.#servers, warmUpMs, durationMs);
    this.#clients = this.#buildClients(contender);
  }

  get events(): number {
    return this.#time.events;
  }

  run(): Measured {
    const { durationMs } = this.#scenario;
    const discovery = new SimDiscovery(this.#time, this.#servers, this.#scenario.discovery);
    this.#clients.forEach((client, i) => {
      discovery.follow(client, this.#streams.of("discovery", i));
      client.start(discovery.initial);
    });
    discovery.start();
    this.#meter.start();
    this.#time.run(() => this.#recorder.open === 0 && this.#time.nextAtMs > durationMs);
    return this.#summary();
  }

  #buildClients(contender: Contender): readonly SimClient[] {
    const { clients, durationMs } = this.#scenario;
    const serverOf = (endpointId: string) => this.#serverOf(endpointId);
    const world = {
      time: this.#time,
      network: this.#network,
      recorder: this.#recorder,
      durationMs,
      clientsByZone: countByZone(clients),
      serverOf,
      oracle: oracleOf(serverOf),
    };
    const unbalanced = kubeProxy();
    return buildClients(clients, (group) => (group.unbalanced ? unbalanced : contender), world, this.#streams);
  }

  #serverOf(endpointId: string): SimServer {
    const server = this.#serversById.get(endpointId);
    if (server === undefined) throw new Error(`the contender chose ${endpointId}, which is no server of ${this.#scenario.name}`);
    return server;
  }

  /** Each client notices when the last packet has come. */
  #tellConnectionsLost(server: SimServer): void {
    for (const client of this.#clients) {
      this.#time.after(this.#network.rttMs(client.zone, server.zone) / 2, () => client.onConnectionLost(server));
    }
  }

  #summary(): Measured {
    const { warmUpMs = 0, durationMs, windows = [] } = this.#scenario;
    const servers = this.#servers.map(({ server: { id, zone, group }, presence }) => {
      const { name, weight = 1 } = group;
      return { id, group: name, zone, weight, presence };
    });
    const windowLabels = windows.map(({ label }) => label);
    return summarize({ warmUpMs, durationMs, servers, windowLabels, recorder: this.#recorder, meter: this.#meter });
  }
}
