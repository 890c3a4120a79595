import { Child } from "./child.ts";
import type { ClientCommand, ClientOrder, ClientReport } from "./client.ts";
import { addTallies, type Tally } from "./tally.ts";

/** The clients, each a process, and what they count together. */
export class Clients {
  readonly #children: readonly Child[];
  readonly #tallies = new Map<Child, Tally>();
  readonly #finished: Promise<unknown>;
  /** Where one of them shows what it does; undefined on the other sides. */
  readonly page: string | undefined;

  /** Resolves when all of them are warm. */
  static async start(count: number, order: Omit<ClientOrder, "servesPage">): Promise<Clients> {
    const file = new URL("./client.ts", import.meta.url);
    const children = Array.from(
      { length: count },
      (_, index) => new Child(`client-${index + 1}`, file, { ...order, servesPage: index === 0 }),
    );
    const reports = await Promise.all(children.map((child) => child.nextMessage<ClientReport>()));
    return new Clients(children, reports.find((report) => report.is === "ready")?.page);
  }

  private constructor(children: readonly Child[], page: string | undefined) {
    this.page = page;
    this.#children = children;
    this.#finished = Promise.all(children.map((child) => this.#follow(child)));
  }

  get tally(): Tally {
    return addTallies([...this.#tallies.values()]);
  }

  tell(command: ClientCommand): void {
    for (const child of this.#children) child.send(command);
  }

  /** Resolves when the last call has ended. */
  async finish(): Promise<void> {
    this.tell("finish");
    await this.#finished;
    await Promise.all(this.#children.map((child) => child.kill()));
  }

  #follow(child: Child): Promise<void> {
    return new Promise((resolve) => {
      child.onMessage<ClientReport>((report) => {
        if (report.is === "ready") return;
        this.#tallies.set(child, report.tally);
        if (report.is === "finished") resolve();
      });
    });
  }
}
