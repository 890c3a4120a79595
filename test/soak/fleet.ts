import { setTimeout as delay } from "node:timers/promises";
import { Child } from "../../demo/child.ts";
import { type RandomSource, randomIndex } from "../../src/random-source.ts";
import { type ScriptedSource, scriptedSource } from "../../src/testing/scripted-source.ts";
import { testEndpoint } from "../../src/testing/test-endpoint.ts";
import type { Fault, Listening, ServerOrder } from "./server.ts";

interface Server {
  readonly child: Child;
  readonly port: number;
}

const faults: readonly Fault[] = ["goaway", "cut", "reset", "refuse"];
/** How long a killed server stays listed: endpoints are always somewhat stale. */
const STALE_MS = 300;

/** Servers in processes of their own, and the source that lists them: the churn that clients have to bear. */
export class Fleet {
  readonly source: ScriptedSource = scriptedSource();
  readonly #servers: Server[] = [];
  readonly #random: RandomSource;
  #started = 0;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  async start(count: number): Promise<void> {
    for (let i = 0; i < count; i++) this.#servers.push(await this.#startServer());
    this.#publish();
  }

  /** One of the servers misbehaves. */
  misbehave(): void {
    const server = this.#servers[randomIndex(this.#random, this.#servers.length)];
    server?.child.send<Fault>(faults[randomIndex(this.#random, faults.length)] as Fault);
  }

  /** The oldest server dies without a word, and another takes its place. */
  async replaceOne(): Promise<void> {
    this.#servers.push(await this.#startServer());
    await this.#servers.shift()?.child.kill();
    await delay(STALE_MS);
    this.#publish();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map(({ child }) => child.kill()));
  }

  async #startServer(): Promise<Server> {
    const name = `server-${++this.#started}`;
    const child = new Child(name, new URL("server.ts", import.meta.url), { name } satisfies ServerOrder);
    const { port } = await child.nextMessage<Listening>();
    return { child, port };
  }

  #publish(): void {
    this.source.update(this.#servers.map(({ port }) => testEndpoint({ id: `127.0.0.1:${port}`, address: "127.0.0.1", port })));
  }
}
