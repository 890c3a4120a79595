import { Code, ConnectError } from "@connectrpc/connect";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { scriptedSource } from "../../src/testing/scripted-source.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { testEndpoint } from "../../src/testing/test-endpoint.ts";
import { envelope } from "../support/echo-wire.ts";
import type { Command } from "./command.ts";
import type { FakeHttp2Session } from "./fake-http2-session.ts";
import type { FakeHttp2Stream } from "./fake-http2-stream.ts";
import { FakeNetwork } from "./fake-network.ts";
import { ModelCall } from "./model-call.ts";
import { PoolModel } from "./pool-model.ts";
import { callHeader, modelSessionOptions, type System, type SystemEnv } from "./system.ts";

const GRACE_MS = 30_000;
const maxStreamId = 2 ** 31 - 1;

/** A client, its network and its callers: runs commands, and holds what happens against the rules. */
export class World {
  readonly #clock = manualClock();
  readonly #source = scriptedSource();
  readonly #network: FakeNetwork;
  readonly #system: System;
  readonly #calls: ModelCall[] = [];
  readonly #newPool: (port: number) => PoolModel;
  /** By endpoint id: those that are listed. */
  #pools = new Map<string, PoolModel>();
  #isKnown = false;
  #closed: Promise<void> | undefined;
  /**
   * What the network saw does not tell all: an attempt was held back on a place that nobody opened, or things happened at
   * once, and the client heard of them in another order. Over once every endpoint is ready.
   */
  #isVague = false;

  /** @param reopens whether sessions that are lost are followed by others at once */
  constructor(createSystem: (env: SystemEnv) => System, reopens = true) {
    this.#newPool = (port) => new PoolModel(port, reopens);
    const clock = this.#clock;
    this.#network = new FakeNetwork(() => clock.now(), {
      onStream: (stream) => this.#calls[callIdOf(stream)]?.streams.push(stream),
      onDial: (session) => this.#onDial(session),
      onSettings: (session) => this.#modelOf(session)?.onSettings(session),
      onLeft: (session) => this.#modelOf(session)?.onLeft(session, clock.now()),
    });
    const hooks = {
      beforeOpen: (callId: number, signal: AbortSignal) => this.#beforeOpen(this.#calls[callId] as ModelCall, signal),
      fault: (callId: number) => (this.#calls[callId] as ModelCall).fault(),
    };
    this.#system = createSystem({ network: this.#network, clock, random: seededRandom(1), source: this.#source, hooks, reopens });
  }

  async run(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      const pending = this.#pending;
      this.#do(command);
      await this.#network.settle();
      this.#check();
      if (command.type !== "atOnce" && command.type !== "wait") this.#checkGivenUp(pending.filter(({ state }) => state === "rejected"));
    }
    await this.#end();
  }

  #do(command: Command): void {
    switch (command.type) {
      case "list":
        return this.#list(command.indices, command.isMoved);
      case "acceptAll":
        for (const session of this.#alive.filter(({ hasSettings }) => !hasSettings)) session.sendSettings(command.limit);
        return;
      case "settings":
        return at(this.#alive, command.pick)?.sendSettings(command.limit);
      case "accept":
      case "closeSocket":
      case "failSocket":
      case "breakProtocol":
      case "alert":
        return at(this.#alive, command.pick)?.[command.type]("");
      case "refuse":
        return at(
          this.#alive.filter(({ connecting }) => connecting),
          command.pick,
        )?.failSocket("connect ECONNREFUSED");
      case "answerPing":
        return at(
          this.#alive.filter(({ awaitsPong }) => awaitsPong),
          command.pick,
        )?.answerPing();
      case "goaway":
        return this.#goaway(
          at(
            this.#alive.filter(({ hasSettings }) => hasSettings),
            command.pick,
          ),
          command,
        );
      case "call":
        return this.#call(command);
      case "go":
        return at(
          this.#calls.filter(({ go }) => go),
          command.pick,
        )?.go?.();
      case "fault":
        return at(this.#pending, command.pick)?.fail();
      case "cancel":
        return at(this.#pending, command.pick)?.controller.abort(new ConnectError("canceled", Code.Canceled));
      case "deadline":
        return at(this.#pending, command.pick)?.controller.abort(new ConnectError("too late", Code.DeadlineExceeded));
      case "atOnce":
        this.#isVague = true;
        for (const one of command.commands) this.#do(one);
        return;
      case "wait":
        return this.#clock.advance(command.ms);
      case "close":
        this.#close();
        return;
      default:
        return this.#serve(at(this.#network.openStreams, command.pick), command);
    }
  }

  get #alive(): FakeHttp2Session[] {
    return this.#network.sessions.filter((session) => !session.destroyed);
  }

  get #pending(): ModelCall[] {
    return this.#calls.filter((call) => call.state === "pending");
  }

  #modelOf(session: FakeHttp2Session): PoolModel | undefined {
    const model = this.#pools.get(session.endpoint.id);
    return model?.sessions.includes(session) ? model : undefined;
  }

  #onDial(session: FakeHttp2Session): void {
    const model = this.#pools.get(session.endpoint.id);
    if (model?.isTooSoon(this.#clock.now())) this.#network.misuses.push(`${session.endpoint.id} was dialled again without a pause`);
    model?.onDial(session);
  }

  #list(indices: readonly number[], isMoved: boolean): void {
    if (this.#closed !== undefined) return;
    const listed = indices.map((index) => testEndpoint({ id: `e${index}`, address: `10.0.0.${index}`, port: isMoved ? 81 : 80 }));
    const before = this.#pools;
    const stays = (id: string, port: number) => before.get(id)?.port === port;
    this.#pools = new Map(listed.map(({ id, port }) => [id, stays(id, port) ? (before.get(id) as PoolModel) : this.#newPool(port)]));
    this.#isKnown = true;
    this.#source.update(listed);
  }

  #goaway(session: FakeHttp2Session | undefined, { code, spared, debugData }: { code: number; spared: number; debugData: string }): void {
    session?.sendGoaway(code, Math.min(maxStreamId, Math.max(0, 2 * spared - 1)), debugData);
  }

  #call(spec: ModelCall["spec"]): void {
    const call = new ModelCall(this.#calls.length, spec);
    this.#calls.push(call);
    const onEnd = (state: "resolved" | "rejected") => {
      call.state = state;
    };
    this.#system.call(call.id, spec, call.controller.signal).then(
      () => onEnd("resolved"),
      () => onEnd("rejected"),
    );
  }

  async #beforeOpen(call: ModelCall, signal: AbortSignal): Promise<void> {
    if (!call.spec.gated) return;
    this.#isVague = true;
    await call.holdBack(signal);
  }

  #serve(stream: FakeHttp2Stream | undefined, command: Command): void {
    if (stream === undefined) return;
    const { isStream } = (this.#calls[callIdOf(stream)] as ModelCall).spec;
    if (command.type === "reset") return stream.reset(command.code);
    if (!stream.responded) {
      if (command.type === "errorAnswer" && !isStream) {
        stream.respond({ ":status": "503", "content-type": "application/json" });
        stream.send(Buffer.from('{"code":"unavailable"}'));
        return stream.finishAnswer();
      }
      stream.respond({ "content-type": isStream ? "application/connect+proto" : "application/proto" });
    }
    if (command.type === "message" && isStream) stream.send(envelope(0, new Uint8Array()));
    if (command.type !== "answer" && command.type !== "errorAnswer") return;
    const end = command.type === "answer" ? "{}" : '{"error":{"code":"unavailable"}}';
    if (isStream) stream.send(envelope(2, Buffer.from(end)));
    stream.finishAnswer();
  }

  #close(): Promise<void> {
    this.#pools = new Map();
    this.#closed ??= this.#system.close(GRACE_MS);
    return this.#closed;
  }

  /** After every step. */
  #check(): void {
    const [misuse] = this.#network.misuses;
    if (misuse !== undefined) throw new Error(misuse);
    for (const call of this.#calls) if (call.breach !== undefined) throw new Error(`call ${call.id} ${call.breach}`);
    const endpoints = this.#system.endpoints();
    this.#checkLoad(endpoints);
    if (this.#closed !== undefined) return;
    for (const endpoint of endpoints) this.#checkPool(endpoint);
    this.#isVague &&= this.#calls.some(({ go }) => go) || endpoints.some(({ connectivity }) => connectivity !== "ready");
    this.#checkWaiting(endpoints);
  }

  /** What is in flight is what is open on the wire, and what waits for a place or is held back on one. */
  #checkLoad(endpoints: Endpoints): void {
    const heldBack = this.#calls.filter(({ go }) => go).length;
    const waiting = this.#calls.filter(({ isWaiting }) => isWaiting).length;
    const open = this.#network.openStreams.length;
    let listedOpen = 0;
    let places = 0;
    let inFlight = 0;
    for (const { endpoint, ...loads } of endpoints) {
      const here = sum(this.#pools.get(endpoint.id)?.sessions ?? [], ({ openStreams }) => openStreams.size);
      const placesHere = sum(loads.sessions, ({ streams }) => streams);
      if (this.#closed === undefined) holds(placesHere >= here && loads.inFlight >= here, `${endpoint.id} has streams that nobody counts`);
      listedOpen += here;
      places += placesHere;
      inFlight += loads.inFlight;
    }
    if (this.#closed === undefined) holds(places - listedOpen <= heldBack, `${places} places are taken, by ${listedOpen} streams`);
    holds(
      inFlight <= open + heldBack + waiting,
      `${inFlight} in flight, with ${open} streams and ${heldBack + waiting} calls before theirs`,
    );
    const { leases = open } = this.#system;
    holds(leases >= open && leases <= open + heldBack + waiting, `${leases} leases are held, for ${open} streams`);
  }

  #checkPool({ endpoint, connectivity }: Endpoints[number]): void {
    const model = this.#pools.get(endpoint.id) as PoolModel;
    const sessions = model.sessions.filter(({ isLeaving }) => !isLeaving).length;
    holds(sessions <= modelSessionOptions.maxSessionsPerEndpoint, `${endpoint.id} has ${sessions} sessions`);
    if (this.#isVague && connectivity !== "ready" && model.connectivity !== "ready") return;
    holds(connectivity === model.connectivity, `${endpoint.id} counts as ${connectivity}, and is ${model.connectivity}`);
  }

  /** Nobody waits where there is room everywhere, or where there is nothing to wait for. */
  #checkWaiting(endpoints: Endpoints): void {
    const waiting = this.#calls.find(({ isWaiting }) => isWaiting);
    if (waiting === undefined || !this.#isKnown) return;
    const haveRoom = endpoints.every(({ sessions }) =>
      sessions.some((one) => one.phase === "open" && one.streams + one.unreadCancels < one.maxStreams),
    );
    holds(!haveRoom, `call ${waiting.id} waits though every endpoint has room`);
    holds(
      endpoints.some(({ connectivity }) => connectivity !== "unreachable"),
      `call ${waiting.id} waits for endpoints that are unreachable`,
    );
  }

  /** Nobody is sent away who may be served elsewhere. */
  #checkGivenUp(calls: readonly ModelCall[]): void {
    if (this.#closed !== undefined) return;
    for (const call of calls.filter(({ deservesAnother }) => deservesAnother)) {
      const tried = this.#network.sessions.filter(({ streams }) => streams.some((stream) => call.streams.includes(stream)));
      const untried = [...this.#pools].find(
        ([id, { connectivity }]) => connectivity === "ready" && !tried.some(({ endpoint }) => endpoint.id === id),
      );
      holds(untried === undefined, `call ${call.id} failed though ${untried?.[0]} was there`);
    }
  }

  /** Closed, everything comes to its end. */
  async #end(): Promise<void> {
    let isClosed = false;
    this.#close().then(() => {
      isClosed = true;
    });
    await this.#network.settle();
    this.#check();
    this.#clock.advance(GRACE_MS);
    for (let heldBack = this.#calls; heldBack.length > 0; heldBack = this.#calls.filter(({ go }) => go)) {
      for (const call of heldBack) call.go?.();
      await this.#network.settle();
    }
    this.#check();
    const pending = this.#pending.map(({ id }) => id);
    holds(pending.length === 0, `calls ${pending.join(", ")} never settle`);
    holds(isClosed, "close() never resolves");
    holds(this.#alive.length === 0, `${this.#alive.length} sessions stay`);
    holds(this.#network.openStreams.length === 0, "streams stay open");
    holds((this.#system.leases ?? 0) === 0, "leases are never released");
    holds(this.#clock.pending === 0, `${this.#clock.pending} timers stay`);
  }
}

type Endpoints = ReturnType<System["endpoints"]>;

function holds(rule: boolean, otherwise: string): void {
  if (!rule) throw new Error(otherwise);
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}

function callIdOf(stream: FakeHttp2Stream): number {
  return Number(stream.headers[callHeader]);
}

function at<T>(items: readonly T[], pick: number): T | undefined {
  return items[pick % Math.max(1, items.length)];
}
