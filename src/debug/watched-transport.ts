import type { Clock, Timer } from "../clock.ts";
import type { BalancedTransport } from "../transport/balanced-transport.ts";
import type { TransportEvent } from "../transport/events/event-catalogue.ts";
import type { DebuggedTransport } from "./debug-snapshot.ts";
import { EventLog } from "./event-log.ts";
import { RecentCalls } from "./recent-calls.ts";

/** How many endpoints are listed at most. */
const maxEndpoints = 1_000;
/** After so long without a look, nobody looks. */
const patienceMs = 10_000;

/** A transport that somebody may look at: its events are kept, and its calls counted while somebody does. */
export class WatchedTransport {
  readonly target: string;
  readonly #transport: BalancedTransport;
  readonly #clock: Clock;
  readonly #log: EventLog;
  readonly #events: AsyncIterableIterator<TransportEvent, undefined>;
  #rest: Timer | undefined;
  #counting: { readonly calls: RecentCalls; readonly observed: Disposable } | undefined;

  constructor(transport: BalancedTransport, clock: Clock) {
    this.target = transport.inspect().target;
    this.#transport = transport;
    this.#clock = clock;
    this.#log = new EventLog(clock);
    this.#events = transport.events();
    this.#follow();
  }

  look(): DebuggedTransport {
    this.#rest?.cancel();
    this.#rest = this.#clock.after(patienceMs, () => this.#stopCounting());
    const { calls } = this.#count();
    const { endpoints, ...snapshot } = this.#transport.inspect();
    const listed = endpoints.slice(0, maxEndpoints);
    const traffic = calls.byEndpoint(endpoints.map(({ endpoint }) => endpoint.id));
    return {
      ...snapshot,
      traffic: calls.all(),
      endpoints: listed.map((endpoint, place) => ({ ...endpoint, traffic: traffic[place] as (typeof traffic)[number] })),
      endpointsLeftOut: endpoints.length - listed.length,
      events: this.#log.read(),
    };
  }

  close(): void {
    this.#rest?.cancel();
    this.#stopCounting();
    this.#events.return?.();
  }

  #count() {
    if (this.#counting === undefined) {
      const calls = new RecentCalls(this.#clock);
      this.#counting = { calls, observed: this.#transport.observe(calls) };
    }
    return this.#counting;
  }

  /** Calls cost nothing again. */
  #stopCounting(): void {
    this.#counting?.observed[Symbol.dispose]();
    this.#counting = undefined;
  }

  async #follow(): Promise<void> {
    for await (const event of this.#events) this.#log.add(event);
  }
}
