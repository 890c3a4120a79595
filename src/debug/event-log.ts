import type { Clock } from "../clock.ts";
import { kindOf, type TransportEvent } from "../transport/events/event-catalogue.ts";
import type { LoggedEvent } from "./debug-snapshot.ts";

/** How many are kept of those that are usual, and of those that are not: a large fleet that comes must not push out an ejection. */
const maxUsual = 50;
const maxUnusual = 150;

type Kept = Omit<LoggedEvent, "agoMs"> & { readonly atMs: number };

/** The latest events of a transport. */
export class EventLog {
  readonly #clock: Clock;
  readonly #usual: Kept[] = [];
  readonly #unusual: Kept[] = [];
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(event: TransportEvent): void {
    const { level, sentence } = kindOf(event);
    const [kept, most] = level === "debug" ? [this.#usual, maxUsual] : [this.#unusual, maxUnusual];
    this.#count++;
    kept.push({
      number: this.#count,
      atMs: this.#clock.now(),
      type: event.type,
      level,
      message: sentence(event).slice(0, 500),
      ...("endpoint" in event && { endpoint: event.endpoint.id }),
    });
    if (kept.length > most) kept.shift();
  }

  read(): readonly LoggedEvent[] {
    const nowMs = this.#clock.now();
    return [...this.#usual, ...this.#unusual]
      .sort((one, other) => one.number - other.number)
      .map(({ atMs, ...event }) => ({ ...event, agoMs: nowMs - atMs }));
  }
}
