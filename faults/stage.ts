import { setTimeout as delay } from "node:timers/promises";
import type { BalancedTransportOptions, Endpoint } from "meshless";
import { Child } from "../demo/child.ts";
import { createNetworkNamespace, type NetworkNamespace } from "../test/network/network-namespace.ts";
import type { ClientCommand, ClientOrder, ClientReport } from "./client-main.ts";
import type { ContenderName, Method } from "./contenders.ts";
import { Ledger } from "./ledger.ts";
import { Pod, type PodPlace } from "./pod.ts";
import type { PodOrder } from "./pod-main.ts";

export interface Load {
  readonly contender: ContenderName;
  /** Over all clients. Default 200. */
  readonly callsPerSecond?: number;
  /** Default 2. */
  readonly clients?: number;
  /** Default `echo`, which may be repeated. */
  readonly method?: Method;
  /** Default 1,000. */
  readonly timeoutMs?: number;
  /** Of meshless. */
  readonly options?: BalancedTransportOptions;
  /** Default: those of the pods. */
  readonly endpoints?: readonly Endpoint[];
  /** Of these, so many, the first. Default: all. */
  readonly only?: number;
}

/** Pods, clients, and the time since the clients began. */
export class Stage implements AsyncDisposable {
  readonly pods: Pod[] = [];
  /** How often a restart replaces all pods. */
  readonly rounds: number;
  #clients: readonly Child[] = [];
  #network: NetworkNamespace | undefined;
  #beganAtMs = 0;

  constructor(rounds = 1) {
    this.rounds = rounds;
  }

  /** For pods: a network of their own, which loses packets when it is told to. */
  startNetwork(): NetworkNamespace {
    this.#network = createNetworkNamespace();
    return this.#network;
  }

  /** Starts so many, `pod-0`, `pod-1`, ... after those that are there. */
  async startPods(
    count: number,
    order: Partial<PodOrder> | ((index: number) => Partial<PodOrder>) = {},
    place: PodPlace = {},
  ): Promise<void> {
    const first = this.pods.length;
    const orders = Array.from({ length: count }, (_, index) => ({
      name: `pod-${first + index}`,
      port: 0,
      ...(typeof order === "function" ? order(first + index) : order),
    }));
    this.pods.push(...(await Promise.all(orders.map((one) => Pod.start(one, place)))));
  }

  endpoints(pods: readonly Pod[] = this.pods): readonly Endpoint[] {
    return pods.map(toEndpoint);
  }

  /** Starts clients, who begin once all of them are there. */
  async begin({ contender, callsPerSecond = 200, clients = 2, method = "echo", timeoutMs = 1_000, ...load }: Load): Promise<void> {
    const { options = {}, only } = load;
    const endpoints = (load.endpoints ?? this.endpoints()).slice(0, only);
    this.#clients = Array.from({ length: clients }, (_, index) => {
      const order: ClientOrder = {
        contender,
        endpoints,
        options,
        callsPerSecond: callsPerSecond / clients,
        method,
        timeoutMs,
        seed: index + 1,
      };
      return new Child(`client-${index}`, new URL("./client-main.ts", import.meta.url), order);
    });
    await Promise.all(this.#clients.map((client) => client.nextMessage<"ready">()));
    this.tell("begin");
    this.#beganAtMs = performance.now();
  }

  tell(command: ClientCommand): void {
    for (const client of this.#clients) client.send(command);
  }

  /** To all clients. */
  signal(name: NodeJS.Signals): void {
    for (const client of this.#clients) client.signal(name);
  }

  /** Since the clients began. */
  get nowMs(): number {
    return performance.now() - this.#beganAtMs;
  }

  /** Resolves so long after the clients began. */
  async at(atMs: number): Promise<void> {
    await delay(Math.max(0, atMs - this.nowMs));
  }

  /** Lets the calls under way end. */
  async end(): Promise<Ledger> {
    const reports = Promise.all(this.#clients.map((client) => client.nextMessage<ClientReport>()));
    this.tell("end");
    return new Ledger(await reports);
  }

  async endClients(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.kill()));
    this.#clients = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#clients, ...this.pods].map((process) => process.kill()));
    await this.#network?.[Symbol.asyncDispose]();
  }
}

function toEndpoint({ name, address, port }: Pod): Endpoint {
  return { id: name, address, port, weight: 1, priority: 0, health: "healthy", labels: {} };
}
