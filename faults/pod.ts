import { Child } from "../demo/child.ts";
import type { NetworkNamespace } from "../test/network/network-namespace.ts";
import { startTcpProxy, type TcpProxy } from "../test/support/tcp-proxy.ts";
import type { Handled, Listening, PodCommand, PodFault, PodOrder } from "./pod-main.ts";

const loopback = "127.0.0.1";

export interface PodPlace {
  /** Behind a TCP proxy. */
  readonly isProxied?: boolean;
  /** Default: beside its clients, on loopback. */
  readonly network?: NetworkNamespace | undefined;
}

/** A server in a process of its own, with a TCP proxy in front of it where one is asked for. */
export class Pod {
  readonly port: number;
  readonly proxy: TcpProxy | undefined;
  readonly #order: PodOrder;
  readonly #child: Child;

  static async start(order: PodOrder, { isProxied = false, network }: PodPlace = {}): Promise<Pod> {
    const host = network?.address ?? loopback;
    const child = new Child(order.name, new URL("./pod-main.ts", import.meta.url), { ...order, host }, network?.execPrefix);
    const { port } = await child.nextMessage<Listening>();
    return new Pod({ ...order, host, port }, child, isProxied ? await startTcpProxy(port) : undefined);
  }

  private constructor(order: PodOrder, child: Child, proxy: TcpProxy | undefined) {
    this.#order = order;
    this.#child = child;
    this.port = proxy?.port ?? order.port;
    this.proxy = proxy;
  }

  get name(): string {
    return this.#order.name;
  }

  get address(): string {
    return this.#order.host ?? loopback;
  }

  /** From now on. */
  behave(fault: PodFault): void {
    this.#child.send<PodCommand>({ fault });
  }

  /** SIGSTOP and SIGCONT. */
  signal(name: NodeJS.Signals): void {
    this.#child.signal(name);
  }

  /** SIGTERM, and another like it on its port once it has ended by itself. */
  async replace(changes: Partial<PodOrder> = {}): Promise<Pod> {
    await this.#child.end("SIGTERM");
    return Pod.start({ ...this.#order, ...changes });
  }

  /** Calls that reached its handlers. */
  async handled(): Promise<number> {
    const answer = this.#child.nextMessage<Handled>();
    this.#child.send<PodCommand>("count");
    return (await answer).handled;
  }

  async kill(): Promise<void> {
    await this.#child.kill();
    await this.proxy?.close();
  }
}
