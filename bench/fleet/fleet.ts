import type { Endpoint } from "meshless";
import { Child } from "../../demo/child.ts";
import { type Cell, processesOf, weightsOf } from "./cell.ts";
import type { Listening, ServerCommand, ServerOrder, ServerReport } from "./server.ts";

/** The servers of a cell, each a process that nobody has called yet. */
export class Fleet {
  readonly #cell: Cell;
  readonly #children: readonly Child[];
  readonly #ports: readonly number[];

  static async start(cell: Cell): Promise<Fleet> {
    const file = new URL("./server.ts", import.meta.url);
    const children = Array.from({ length: processesOf(cell) }, (_, index) => new Child(`server-${index}`, file, orderOf(cell, index)));
    const listening = await Promise.all(children.map((child) => child.nextMessage<Listening>()));
    return new Fleet(
      cell,
      children,
      listening.map(({ port }) => port),
    );
  }

  private constructor(cell: Cell, children: readonly Child[], ports: readonly number[]) {
    this.#cell = cell;
    this.#children = children;
    this.#ports = ports;
  }

  /** Who is there at first. */
  get endpoints(): readonly Endpoint[] {
    return this.#ports.slice(0, this.#cell.servers).map((_, index) => this.#endpoint(index));
  }

  /** Who is there when all but the first were replaced. */
  get endpointsReplaced(): readonly Endpoint[] {
    return this.#ports.flatMap((_, index) => (index === 0 || index >= this.#cell.servers ? [this.#endpoint(index)] : []));
  }

  begin(): void {
    for (const child of this.#children) child.send<ServerCommand>("begin");
  }

  /** Ends all servers; what they did, in their order. */
  async end(): Promise<readonly ServerReport[]> {
    const reports = await Promise.all(
      this.#children.map((child) => {
        const report = child.nextMessage<ServerReport>();
        child.send<ServerCommand>("end");
        return report;
      }),
    );
    await Promise.all(this.#children.map((child) => child.kill()));
    return reports;
  }

  #endpoint(index: number): Endpoint {
    const port = this.#ports[index] as number;
    const weight = weightsOf(this.#cell)[index] ?? 1;
    return { id: `127.0.0.1:${port}`, address: "127.0.0.1", port, weight, priority: 0, health: "healthy", labels: {} };
  }
}

function orderOf({ trial, servers, work, reports }: Cell, index: number): ServerOrder {
  const isWrong = trial.kind === "wrong" && index === servers - 1;
  return { work, reports, ...(isWrong ? { wrong: trial.answer } : {}) };
}
