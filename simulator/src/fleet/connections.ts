import type { Connectivity, RandomSource } from "meshless/balancer";
import type { Timed, VirtualTime } from "../engine/virtual-time.ts";
import type { SimNetwork } from "./network.ts";
import { NewConnections } from "./new-connections.ts";
import type { SimServer } from "./sim-server.ts";

/** TCP, then HTTP/2 settings: half a round trip more than the first answer needs. */
const ROUND_TRIPS_TO_CONNECT = 1.5;

/** Between two tries to reach an endpoint, as the sessions of meshless's transport have it. */
const RETRY = { baseMs: 500, multiplier: 1.6, maxMs: 15_000, jitter: 0.2 };

/** Something to be sent once a connection stands. */
export interface Passenger {
  /** @param delayMs how much longer it takes there, the connection being new */
  send(delayMs: number): void;
  /** No connection could be made. */
  onUnreachable(): void;
}

export interface ConnectionsEnv {
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly zone: string | undefined;
  readonly random: RandomSource;
  readonly onConnectivity: (server: SimServer, connectivity: Connectivity) => void;
}

/** A connection that is being made: tried, and tried again after a pause, until it stands. */
class Dial implements Timed {
  place = -1;
  failures = 0;
  triedAtMs: number;
  isPausing = false;
  readonly passengers: Passenger[] = [];
  readonly server: SimServer;
  readonly #onTime: (dial: Dial) => void;

  constructor(server: SimServer, nowMs: number, onTime: (dial: Dial) => void) {
    this.server = server;
    this.triedAtMs = nowMs;
    this.#onTime = onTime;
  }

  fire(): void {
    this.#onTime(this);
  }
}

/**
 * The connections of one client: one to each listed endpoint, made when it is listed and made again when it is lost. Those that stand
 * take no memory: only the others are remembered.
 */
export class Connections {
  readonly #env: ConnectionsEnv;
  readonly #dials = new Map<SimServer, Dial>();
  readonly #new: NewConnections | undefined;

  constructor(env: ConnectionsEnv) {
    this.#env = env;
    const { connectionWarmUp } = env.network;
    this.#new = connectionWarmUp && new NewConnections(connectionWarmUp);
  }

  /** The endpoint is listed from now on. */
  open(server: SimServer): void {
    this.#startDial(server);
    this.#env.onConnectivity(server, "connecting");
  }

  /** It is not listed any more. Calls under way may end. */
  forget(server: SimServer): void {
    this.#new?.forget(server);
    const dial = this.#dials.get(server);
    if (dial === undefined) return;
    this.#dials.delete(server);
    this.#env.time.cancel(dial);
    this.#dismiss(dial);
  }

  /** The server closed it, or it broke: a new one is tried at once. */
  onLost(server: SimServer): void {
    if (!this.#dials.has(server)) this.open(server);
  }

  /** Lets the passenger go as soon as the connection stands. False if there is none to hope for at the moment. */
  board(server: SimServer, passenger: Passenger): boolean {
    const dial = this.#dials.get(server);
    if (dial === undefined) this.#send(server, passenger);
    else if (dial.failures === 0) dial.passengers.push(passenger);
    else return false;
    return true;
  }

  #startDial(server: SimServer): void {
    const dial = new Dial(server, this.#env.time.nowMs, this.#onTime);
    this.#dials.set(server, dial);
    this.#try(dial);
  }

  #try(dial: Dial): void {
    const { time, network, zone } = this.#env;
    dial.isPausing = false;
    dial.triedAtMs = time.nowMs;
    time.schedule(dial, time.nowMs + ROUND_TRIPS_TO_CONNECT * network.rttMs(zone, dial.server.zone));
  }

  readonly #onTime = (dial: Dial): void => {
    if (dial.isPausing) this.#try(dial);
    else if (dial.server.isListening) this.#succeed(dial);
    else this.#fail(dial);
  };

  #succeed(dial: Dial): void {
    this.#dials.delete(dial.server);
    this.#env.onConnectivity(dial.server, "ready");
    this.#new?.forget(dial.server);
    for (const passenger of dial.passengers) this.#send(dial.server, passenger);
  }

  #send(server: SimServer, passenger: Passenger): void {
    passenger.send(this.#new?.nextDelayMs(server) ?? 0);
  }

  #fail(dial: Dial): void {
    dial.failures += 1;
    dial.isPausing = true;
    const { time, random } = this.#env;
    const pauseMs = Math.min(RETRY.baseMs * RETRY.multiplier ** (dial.failures - 1), RETRY.maxMs);
    time.schedule(dial, dial.triedAtMs + pauseMs * (1 + RETRY.jitter * (2 * random() - 1)));
    if (dial.failures === 1) this.#env.onConnectivity(dial.server, "unreachable");
    this.#dismiss(dial);
  }

  #dismiss(dial: Dial): void {
    for (const passenger of dial.passengers.splice(0)) passenger.onUnreachable();
  }
}
