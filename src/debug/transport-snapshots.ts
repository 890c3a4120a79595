import type { Clock } from "../clock.ts";
import type { BalancedTransport } from "../transport/balanced-transport.ts";
import type { DebuggedProcess, DebugSnapshot } from "./debug-snapshot.ts";
import { WatchedTransport } from "./watched-transport.ts";

/** Snapshots of this process and one of its transports each. */
export class TransportSnapshots {
  readonly #process: () => DebuggedProcess;
  readonly #clock: Clock;
  readonly #transports: WatchedTransport[] = [];

  constructor(process: () => DebuggedProcess, clock: Clock) {
    this.#process = process;
    this.#clock = clock;
  }

  add(transport: BalancedTransport): void {
    this.#transports.push(new WatchedTransport(transport, this.#clock));
  }

  /** @param query `transport`: its place, in the order of {@link add}. @returns undefined if there is none at that place */
  of(query: URLSearchParams): Omit<DebugSnapshot, "nextInMs"> | undefined {
    const place = Number(query.get("transport") ?? 0);
    const watched = this.#transports[place];
    if (watched === undefined && place !== 0) return undefined;
    const transport = watched?.look();
    return {
      version: 1,
      process: this.#process(),
      targets: this.#transports.map(({ target }) => target),
      ...(transport !== undefined && { transport }),
    };
  }

  close(): void {
    for (const transport of this.#transports) transport.close();
  }
}
