import { Child } from "../../demo/child.ts";
import type { ClientsCommand, ClientsOrder, ClientsReport } from "./client-process.ts";

/** Clients of a control plane, in a few processes. */
export class Clients {
  readonly #children: readonly Child[];
  readonly #orders: readonly ClientsOrder[];
  readonly #cpuMs: number[];
  #heard: Promise<readonly ClientsReport[]>;

  /** @param processes at most */
  constructor(order: Omit<ClientsOrder, "firstId">, processes: number) {
    const each = Math.ceil(order.count / processes);
    this.#orders = Array.from({ length: Math.ceil(order.count / each) }, (_, index) => ({
      ...order,
      firstId: index * each,
      count: Math.min(each, order.count - index * each),
    }));
    this.#children = this.#orders.map(
      (part, index) => new Child(`clients-${index}`, new URL("./client-process.ts", import.meta.url), part),
    );
    this.#cpuMs = this.#children.map(() => 0);
    this.#heard = this.#nextReports();
  }

  /** CPU that they have taken, as of what they heard last. */
  get cpuMs(): number {
    return this.#cpuMs.reduce((sum, cpuMs) => sum + cpuMs, 0);
  }

  /** To be called before what they are to hear of happens: all of them, or those for whom it is. */
  expect(isFor: (client: number) => boolean = () => true): void {
    this.#heard = this.#nextReports();
    for (const [index, child] of this.#children.entries()) {
      const { firstId, count } = this.#orders[index] as ClientsOrder;
      const clients = Array.from({ length: count }, (_, place) => firstId + place);
      child.send<ClientsCommand>({ is: "expect", count: clients.filter(isFor).length });
    }
  }

  /** When each of them heard of it, in machine time. */
  async heard(): Promise<readonly number[]> {
    const reports = await this.#heard;
    for (const [index, { cpuMs }] of reports.entries()) this.#cpuMs[index] = cpuMs;
    return reports.flatMap(({ atMs }) => atMs);
  }

  async kill(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.kill()));
  }

  #nextReports(): Promise<readonly ClientsReport[]> {
    return Promise.all(this.#children.map((child) => child.nextMessage<ClientsReport>()));
  }
}
