import { setTimeout as delay } from "node:timers/promises";
import { Child } from "./child.ts";
import type { Discovery } from "./discovery.ts";
import { SLOTS, SLOWNESS, WORK_MS } from "./options.ts";
import type { Listening, ServerOrder } from "./server.ts";

/** From a server's end to the new list. Kubernetes takes about as long at best, and much longer when a whole machine goes. */
const DISCOVERY_DELAY_MS = 1_000;
/** The share of servers that are replaced at a time: the default of a Kubernetes deployment. */
const SURGE = 0.25;

export interface FleetServer {
  readonly name: string;
  readonly isSlow: boolean;
  /** Came with the deploy. */
  readonly isNew: boolean;
  /** Was replaced by it. */
  isGone: boolean;
}

interface Running {
  readonly server: FleetServer;
  readonly child: Child;
  readonly port: number;
}

/** The servers, each a process, which are registered while they are there. */
export class Fleet {
  readonly #discovery: Discovery;
  #running: Running[] = [];
  #started = 0;

  private constructor(discovery: Discovery) {
    this.#discovery = discovery;
  }

  static async start(servers: number, slow: number, discovery: Discovery): Promise<Fleet> {
    const fleet = new Fleet(discovery);
    for (let number = 1; number <= servers; number++) await fleet.#start({ isSlow: number <= slow, isNew: false });
    fleet.#publish();
    return fleet;
  }

  get servers(): readonly FleetServer[] {
    return this.#running.map(({ server }) => server);
  }

  /**
   * A rolling deploy, a quarter of the servers at a time, as Kubernetes does it: new ones are started and listed, then old ones end. Those end
   * as SIGTERM ends a Node.js process that does not handle it: at once, with their calls. Clients learn that {@link DISCOVERY_DELAY_MS} later.
   */
  async deploy(stepMs: number): Promise<void> {
    // Those of an earlier deploy are history.
    this.#running = this.#running.filter(({ server }) => !server.isGone);
    const old = [...this.#running];
    const surge = Math.ceil(old.length * SURGE);
    for (let first = 0; first < old.length; first += surge) {
      const stepAtMs = performance.now();
      await this.#replace(old.slice(first, first + surge));
      await delay(Math.max(0, stepAtMs + stepMs - performance.now()));
    }
  }

  async #replace(old: readonly Running[]): Promise<void> {
    for (const { server } of old) await this.#start({ isSlow: server.isSlow, isNew: true });
    this.#publish();
    for (const { server, child } of old) {
      server.isGone = true;
      await child.kill();
    }
    await delay(DISCOVERY_DELAY_MS);
    this.#publish();
  }

  #publish(): void {
    const alive = this.#running.filter(({ server }) => !server.isGone);
    this.#discovery.publish(alive.map(({ port }) => ({ address: "127.0.0.1", port })));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map(({ child }) => child.kill()));
  }

  async #start({ isSlow, isNew }: Pick<FleetServer, "isSlow" | "isNew">): Promise<void> {
    const name = `server-${++this.#started}`;
    const order: ServerOrder = { name, slots: SLOTS, workMs: isSlow ? WORK_MS * SLOWNESS : WORK_MS };
    const child = new Child(name, new URL("./server.ts", import.meta.url), order);
    const { port } = await child.nextMessage<Listening>();
    this.#running.push({ server: { name, isSlow, isNew, isGone: false }, child, port });
  }
}
