import { expect } from "vitest";
import type { AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import { type BalancedTransport, type FirstResource, roundRobin } from "../../src/index.ts";
import { ConstantCaller } from "../control-plane/constant-caller.ts";
import { balancedClient } from "../support/balanced-client.ts";
import type { EchoServer } from "../support/echo-server.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { AdsServer } from "./ads-server.ts";
import { setCluster, setEndpoints, setListener } from "./service-resources.ts";

export const service = "checkout.shop:8080";
export const cluster = "blue";

/** What a control plane does wrong. */
export interface Poison {
  readonly name: string;
  /** Default: both. One is enough where the same code reads what either brings. */
  readonly variants?: readonly AdsVariant[];
  /** Default: `endpoints`. */
  readonly first?: FirstResource;
  poison(world: PoisonedWorld): void | Promise<void>;
  readonly told: Told;
}

export type Told =
  /** The control plane is, with the reason, and so is the user. */
  | { readonly nack: RegExp }
  /** The control plane is; nobody can say which service it is about. */
  | { readonly nackAlone: RegExp }
  /** The user is, as an error of the source. */
  | { readonly error: RegExp }
  /** The user is: so many endpoints are retained. */
  | { readonly retained: number }
  /** Nobody: there is nothing wrong with it, or nothing of it concerns the client. */
  | "nobody"
  /** Nobody yet: that somebody hangs is found out by pings and time-outs. */
  | "later";

/** A client that calls without a pause, and what may go wrong on its way to the control plane. */
export class PoisonedWorld {
  readonly servers: readonly EchoServer[];
  readonly plane: AdsServer;
  readonly proxy: TcpProxy;
  readonly variant: AdsVariant;
  readonly first: FirstResource;
  readonly transport: BalancedTransport;
  readonly caller: ConstantCaller;
  readonly #errors: string[] = [];
  #retained = 0;

  private constructor(servers: readonly EchoServer[], plane: AdsServer, proxy: TcpProxy, variant: AdsVariant, first: FirstResource) {
    this.servers = servers;
    this.plane = plane;
    this.proxy = proxy;
    this.variant = variant;
    this.first = first;
    this.#serve(servers.slice(1));
    const discovery = { xds: { controlPlane: proxy.address, first } };
    // Chance is for the pauses before the next stream alone, and short.
    const options = { discovery, policy: roundRobin(), slowStart: false, random: () => 0.01 } as const;
    const { client, transport } = balancedClient(`xds:///${service}`, options);
    this.transport = transport;
    void this.#listen();
    this.caller = use(new ConstantCaller(async () => (await client.echo({})).server?.name ?? "nobody", 2));
  }

  static async start(servers: readonly EchoServer[], variant: AdsVariant, first: FirstResource = "endpoints"): Promise<PoisonedWorld> {
    const plane = use(await AdsServer.start({ variant }));
    const world = new PoisonedWorld(servers, plane, use(await startTcpProxy(plane.port)), variant, first);
    await eventually(() => world.#isServedBy(servers.slice(1)));
    await world.callsGoOn();
    return world;
  }

  /** Of the servers that are listed. */
  get ports(): readonly number[] {
    return this.servers.slice(1).map(({ port }) => port);
  }

  async isTold(told: Told): Promise<void> {
    if (told === "nobody" || told === "later") return;
    if ("retained" in told) return eventually(() => this.#retained === told.retained);
    const refusals = () => this.plane.requests.flatMap(({ errorDetail }) => errorDetail?.message ?? []);
    if ("error" in told) return this.#hears(told.error, () => this.#errors);
    await this.#hears("nack" in told ? told.nack : told.nackAlone, refusals);
    if ("nack" in told) await this.#hears(told.nack, () => this.#errors);
  }

  async callsGoOn(): Promise<void> {
    const until = this.caller.calls + 40;
    await eventually(() => this.caller.calls >= until);
  }

  /** The control plane is well again, and has a server more. */
  async recovers(): Promise<void> {
    this.proxy.resume();
    this.#serve(this.servers);
    await eventually(() => this.#isServedBy(this.servers));
    await this.callsGoOn();
    expect(this.transport.inspect().sourceError).toBeUndefined();
  }

  assertNobodyWasTold(): void {
    const refused = this.plane.requests.flatMap(({ errorDetail }) => errorDetail?.message ?? []);
    expect([this.#errors, refused, this.#retained]).toEqual([[], [], 0]);
  }

  #serve(servers: readonly EchoServer[]): void {
    setEndpoints(this.plane, service, servers);
    if (this.first === "endpoints") return;
    setCluster(this.plane, cluster, service);
    setListener(this.plane, service, cluster);
  }

  #isServedBy(servers: readonly EchoServer[]): boolean {
    const { endpoints, retained } = this.transport.inspect();
    const ready = endpoints.filter(({ connectivity }) => connectivity === "ready").map(({ endpoint }) => endpoint.port);
    return retained === undefined && ready.length === servers.length && servers.every(({ port }) => ready.includes(port));
  }

  /** Longer than others wait: some poisons take seconds to read. */
  async #hears(what: RegExp, texts: () => readonly string[]): Promise<void> {
    const untilMs = performance.now() + 15_000;
    while (!texts().some((text) => what.test(text))) {
      if (performance.now() > untilMs) throw new Error(`waited in vain for ${what}; heard ${JSON.stringify(texts())}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #listen(): Promise<void> {
    for await (const event of this.transport.events()) {
      if (event.type === "sourceError") this.#errors.push(event.error.message);
      if (event.type === "endpointsRetained") this.#retained = event.retained;
    }
  }
}
