import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Child } from "./child.ts";
import type { ControlPlaneOrder } from "./control-plane.ts";
import type { Listening } from "./server.ts";
import { type ListedEndpoint, writeEndpoints } from "./services-file.ts";

/** What clients need in order to find servers. */
export interface DiscoveryAddress {
  readonly servicesFile: string;
  /** Host and port. */
  readonly controlPlane: string;
}

/** When the control plane was down, in ms since the side began. */
export interface Outage {
  readonly fromMs: number;
  /** Undefined while it lasts. */
  readonly toMs?: number;
}

const OUTAGE_MS = 1_000;

/** The file in which servers are registered, and the control plane that tells clients of it, a process. */
export class Discovery {
  readonly #servicesFile: string;
  #controlPlane: Child | undefined;
  #port = 0;
  #outage: Outage | undefined;

  private constructor() {
    const folder = mkdtempSync(join(tmpdir(), "meshless-demo-"));
    this.#servicesFile = join(folder, "services.json");
    process.once("exit", () => rmSync(folder, { recursive: true }));
  }

  static async start(): Promise<Discovery> {
    const discovery = new Discovery();
    discovery.publish([]);
    await discovery.#start();
    return discovery;
  }

  get address(): DiscoveryAddress {
    return { servicesFile: this.#servicesFile, controlPlane: `127.0.0.1:${this.#port}` };
  }

  get outage(): Outage | undefined {
    return this.#outage;
  }

  /** Writes down who is there now. */
  publish(endpoints: readonly ListedEndpoint[]): void {
    writeEndpoints(this.#servicesFile, endpoints);
  }

  /** The control plane is killed, and comes back a moment later. Meanwhile nobody hears of servers that come and go. */
  async breakDown(beganAtMs: number): Promise<void> {
    const fromMs = Math.round(performance.now() - beganAtMs);
    this.#outage = { fromMs };
    await this.stop();
    await delay(OUTAGE_MS);
    await this.#start();
    this.#outage = { fromMs, toMs: Math.round(performance.now() - beganAtMs) };
  }

  async stop(): Promise<void> {
    await this.#controlPlane?.kill();
  }

  async #start(): Promise<void> {
    const order: ControlPlaneOrder = { servicesFile: this.#servicesFile, port: this.#port };
    this.#controlPlane = new Child("control plane", new URL("./control-plane.ts", import.meta.url), order);
    const { port } = await this.#controlPlane.nextMessage<Listening>();
    this.#port = port;
  }
}
