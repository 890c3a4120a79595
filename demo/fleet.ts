import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.ts";
import { writeEndpoints } from "./endpoints-file.ts";
import { SLOTS, SLOWNESS, WORK_MS } from "./options.ts";
import type { Listening, ServerOrder } from "./server.ts";

export interface FleetServer {
  readonly name: string;
  readonly isSlow: boolean;
  readonly startedLate: boolean;
  wasKilled: boolean;
}

interface Running {
  readonly server: FleetServer;
  readonly child: Child;
  readonly port: number;
}

/** The servers, each a process, and the file from which clients learn of them. */
export class Fleet {
  readonly endpointsFile: string;
  readonly #running: Running[] = [];

  private constructor() {
    const folder = mkdtempSync(join(tmpdir(), "meshless-demo-"));
    this.endpointsFile = join(folder, "endpoints.json");
    process.once("exit", () => rmSync(folder, { recursive: true }));
  }

  static async start(servers: number, slow: number): Promise<Fleet> {
    const fleet = new Fleet();
    for (let number = 1; number <= servers; number++) await fleet.#start(number, { isSlow: number <= slow, startedLate: false });
    fleet.publish();
    return fleet;
  }

  get servers(): readonly FleetServer[] {
    return this.#running.map(({ server }) => server);
  }

  /** Kills the last server as a crash would, and starts another like it. Clients are not told before {@link publish}. */
  async replaceLast(): Promise<void> {
    const last = this.#running.at(-1);
    if (!last) return;
    last.server.wasKilled = true;
    await last.child.kill();
    await this.#start(this.#running.length + 1, { isSlow: last.server.isSlow, startedLate: true });
  }

  /** Writes down who is there now. */
  publish(): void {
    const alive = this.#running.filter(({ server }) => !server.wasKilled);
    writeEndpoints(
      this.endpointsFile,
      alive.map(({ port }) => ({ address: "127.0.0.1", port })),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map(({ child }) => child.kill()));
  }

  async #start(number: number, { isSlow, startedLate }: { isSlow: boolean; startedLate: boolean }): Promise<void> {
    const name = `server-${number}`;
    const order: ServerOrder = { name, slots: SLOTS, workMs: isSlow ? WORK_MS * SLOWNESS : WORK_MS };
    const child = new Child(name, new URL("./server.ts", import.meta.url), order);
    const { port } = await child.nextMessage<Listening>();
    this.#running.push({ server: { name, isSlow, startedLate, wasKilled: false }, child, port });
  }
}
