import { BouncePermits, type Endpoint, type PickContext, type RandomSource } from "meshless/balancer";
import type { ClientBalancer, Contender, ContenderEnv, Oracle } from "../contender.ts";
import type { Sampler } from "../engine/distributions.ts";
import { chanceSource, type RandomStreams } from "../engine/random-streams.ts";
import type { Timed, VirtualTime } from "../engine/virtual-time.ts";
import type { Recorder } from "../measure/recorder.ts";
import type { ClientGroup } from "../scenario.ts";
import type { ArrivalTimes } from "./arrival-times.ts";
import { Call, type Caller } from "./call.ts";
import { ClientThread } from "./client-thread.ts";
import { Connections } from "./connections.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Keys } from "./keys.ts";
import type { SimNetwork } from "./network.ts";
import { Probe } from "./probe.ts";
import type { Repeats } from "./repeats.ts";
import type { SimServer } from "./sim-server.ts";

/** What all clients of a run share. */
export interface World {
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly recorder: Recorder;
  readonly durationMs: number;
  readonly clientsByZone: ReadonlyMap<string | undefined, number>;
  readonly serverOf: (endpointId: string) => SimServer;
  readonly oracle: Oracle;
}

export interface ClientInit {
  readonly zone: string | undefined;
  readonly contender: Contender;
  /** Its own. */
  readonly streams: RandomStreams;
  readonly arrivals: ArrivalTimes;
  /** Mean size of bursts. */
  readonly burst: number;
  readonly work: Sampler;
  /** For each call and each answer; undefined: none. */
  readonly ownWork: Sampler | undefined;
  readonly mistaken: ClientGroup["mistaken"];
  readonly keys: Keys | undefined;
  readonly timeoutMs: number;
  readonly repeats: Repeats;
  /** Of calls with the same time-out. */
  readonly deadlines: Deadlines;
  /** Of their attempts. */
  readonly attemptDeadlines: Deadlines;
}

const ANY_CALL: PickContext = { method: "simulated.Service/Call" };

/** A client: calls arrive, and its balancer says where they go. */
export class SimClient implements Caller, Timed {
  place = -1;
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly zone: string | undefined;
  readonly recorder: Recorder;
  readonly serverOf: (endpointId: string) => SimServer;
  readonly timeoutMs: number;
  readonly repeats: Repeats;
  readonly attemptDeadlines: Deadlines;
  readonly permits: BouncePermits | undefined;
  readonly balancer: ClientBalancer;
  readonly connections: Connections;
  readonly #world: World;
  readonly #init: ClientInit;
  readonly #thread: ClientThread;
  readonly #random: Readonly<Record<"burst" | "work" | "mistake" | "key" | "seed", RandomSource>>;
  #listed: ReadonlySet<string> = new Set();

  constructor(world: World, init: ClientInit) {
    const { streams, contender } = init;
    this.time = world.time;
    this.network = world.network;
    this.recorder = world.recorder;
    this.serverOf = world.serverOf;
    this.zone = init.zone;
    this.timeoutMs = init.timeoutMs;
    this.repeats = init.repeats;
    this.attemptDeadlines = init.attemptDeadlines;
    this.permits = contender.mayBounce ? new BouncePermits() : undefined;
    this.#world = world;
    this.#init = init;
    this.#thread = new ClientThread(world.time);
    this.#random = {
      burst: streams.of("burst"),
      work: streams.of("work"),
      mistake: streams.of("mistake"),
      key: streams.of("key"),
      seed: streams.of("seed"),
    };
    this.balancer = contender.create(this.#contenderEnv());
    this.connections = new Connections({
      time: world.time,
      network: world.network,
      zone: init.zone,
      random: streams.of("connections"),
      onConnectivity: (server, connectivity) => this.balancer.observe(server.id, connectivity, this.time.nowMs),
    });
  }

  get endpoints(): number {
    return this.#listed.size;
  }

  /** The simulation begins in the midst of things: these are known and connected. */
  start(endpoints: readonly Endpoint[]): void {
    this.balancer.update(endpoints, this.time.nowMs);
    for (const { id } of endpoints) this.balancer.observe(id, "ready", this.time.nowMs);
    this.#listed = idsOf(endpoints);
    this.#expectArrival();
  }

  /** Discovery tells a new set. */
  learn(endpoints: readonly Endpoint[]): void {
    const listed = idsOf(endpoints);
    const before = this.#listed;
    this.#listed = listed;
    this.balancer.update(endpoints, this.time.nowMs);
    for (const id of before) if (!listed.has(id)) this.connections.forget(this.serverOf(id));
    for (const id of listed) if (!before.has(id)) this.connections.open(this.serverOf(id));
  }

  /** A server closed its connections, or they broke. */
  onConnectionLost(server: SimServer): void {
    if (this.#listed.has(server.id)) this.connections.onLost(server);
  }

  /** Calls arrive. */
  fire(): void {
    for (let calls = this.#burstSize(); calls > 0; calls -= 1) this.#call();
    this.#expectArrival();
  }

  #call(): void {
    const { work, mistaken, keys, deadlines } = this.#init;
    const context = keys === undefined ? ANY_CALL : { ...ANY_CALL, hashKey: keys.draw(this.#random.key) };
    const call = new Call(this, context, {
      workMs: work(this.#random.work),
      mistake: mistaken !== undefined && this.#random.mistake() < mistaken.share ? mistaken : undefined,
      seed: (this.#random.seed() * 2 ** 32) | 0,
    });
    this.handle(call.chanceOfOwnWork, () => {
      if (!call.isOver) call.begin();
    });
    if (!call.isOver) deadlines.add(call);
  }

  handle(chance: number, act: () => void): void {
    const { ownWork } = this.#init;
    if (ownWork === undefined) act();
    else this.#thread.run(ownWork(chanceSource(chance)), act);
  }

  #expectArrival(): void {
    const atMs = this.#init.arrivals.next();
    if (atMs < this.#world.durationMs) this.time.schedule(this, atMs);
  }

  /** Geometric, with the mean that the scenario gives. */
  #burstSize(): number {
    const { burst } = this.#init;
    if (burst === 1) return 1;
    return 1 + Math.floor(Math.log1p(-this.#random.burst()) / Math.log1p(-1 / burst));
  }

  #contenderEnv(): ContenderEnv {
    const { streams, zone } = this.#init;
    const { time, clientsByZone, oracle } = this.#world;
    const probeChance = streams.of("probes");
    return {
      random: streams.of("balancer"),
      zone,
      clientsByZone,
      oracle,
      now: () => time.nowMs,
      after: (delayMs, act) => time.after(delayMs, act),
      probe: (endpointId, onAnswer) => {
        this.recorder.onProbe(time.nowMs);
        new Probe(this, this.serverOf(endpointId), probeChance, onAnswer).send();
      },
    };
  }
}

function idsOf(endpoints: readonly Endpoint[]): ReadonlySet<string> {
  return new Set(endpoints.map(({ id }) => id));
}
