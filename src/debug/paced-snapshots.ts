import type { Clock } from "../clock.ts";
import type { BalancedTransport } from "../transport/balanced-transport.ts";
import type { DebuggedProcess, DebugSnapshot } from "./debug-snapshot.ts";
import { WatchedTransport } from "./watched-transport.ts";

/** A snapshot is taken at most so often, in ms. */
const leastIntervalMs = 1_000;
/** And at least so often, lest who looks be taken for gone. */
const longestIntervalMs = 5_000;
/** What snapshots may take of the time of this process. */
const maxShare = 0.02;
/** So long after its next snapshot was due, nobody looks at a transport. */
const lookedMs = 5_000;

/** A snapshot, without how soon there is another one. */
interface Taken {
  readonly nextAtMs: number;
  readonly text: string;
}

/** Snapshots of transports as text, at a pace that costs the process no more than 2 %, however many look and however large the fleets are. */
export class PacedSnapshots {
  readonly #clock: Clock;
  readonly #process: () => DebuggedProcess;
  readonly #spentMs: () => number;
  readonly #transports: WatchedTransport[] = [];
  readonly #taken: Taken[] = [];

  /** @param spentMs the CPU time of this process */
  constructor(process: () => DebuggedProcess, clock: Clock, spentMs: () => number) {
    this.#process = process;
    this.#spentMs = spentMs;
    this.#clock = clock;
  }

  add(transport: BalancedTransport): void {
    this.#transports.push(new WatchedTransport(transport, this.#clock));
  }

  has(place: number): boolean {
    return place === 0 || this.#transports[place] !== undefined;
  }

  /** @param place of the transport, in the order of {@link add} */
  text(place: number): string {
    const last = this.#taken[place];
    const nowMs = this.#clock.now();
    const taken = last !== undefined && nowMs < last.nextAtMs ? last : this.#take(place, nowMs);
    this.#taken[place] = taken;
    return `{"nextInMs":${Math.ceil(taken.nextAtMs - this.#clock.now())},${taken.text.slice(1)}`;
  }

  close(): void {
    for (const transport of this.#transports) transport.close();
  }

  #take(place: number, nowMs: number): Taken {
    const spentMs = this.#spentMs();
    const transport = this.#transports[place]?.look();
    const snapshot: Omit<DebugSnapshot, "nextInMs"> = {
      version: 1,
      process: this.#process(),
      targets: this.#transports.map(({ target }) => target),
      ...(transport !== undefined && { transport }),
    };
    const text = JSON.stringify(snapshot);
    // Of all that somebody looks at, this one included.
    const looked = 1 + this.#taken.filter((taken, other) => other !== place && taken.nextAtMs > nowMs - lookedMs).length;
    const costMs = (this.#spentMs() - spentMs) * looked;
    const forMs = Math.min(Math.max(leastIntervalMs, costMs / maxShare), longestIntervalMs);
    return { nextAtMs: this.#clock.now() + forMs, text };
  }
}
