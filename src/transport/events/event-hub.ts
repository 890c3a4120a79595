import type { Logger } from "../../logger.ts";
import { toError } from "../../to-error.ts";
import { kindOf, type TransportEvent } from "./event-catalogue.ts";
import { EventReader } from "./event-reader.ts";

/**
 * Hands each event to the logger, to `diagnostics_channel`, and to every reader of {@link events}.
 *
 * Nobody hears of an event from within the change that it tells of, but at the next turn of the event loop: whoever then makes a call finds endpoints,
 * sessions and balancer agreed, and even one whose calls cause the next event can't stop the loop.
 */
export class EventHub {
  readonly #target: string;
  readonly #logger: Logger;
  readonly #readers = new Set<EventReader>();
  readonly #untold: TransportEvent[] = [];
  #hasLoggerFailed = false;
  #closed = false;

  constructor(target: string, logger: Logger) {
    this.#target = target;
    this.#logger = logger;
  }

  emit(event: TransportEvent): void {
    for (const reader of this.#readers) reader.push(event);
    if (this.#untold.push(event) === 1) setImmediate(this.#tellAll);
  }

  /** Events from now on. Ends when the transport closes, or when the reader stops. */
  events(): AsyncIterableIterator<TransportEvent, undefined> {
    const reader = new EventReader(() => this.#readers.delete(reader));
    if (this.#closed) reader.end();
    else this.#readers.add(reader);
    return reader;
  }

  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) reader.end();
  }

  readonly #tellAll = (): void => {
    for (const event of this.#untold.splice(0)) this.#tell(event);
  };

  #tell(event: TransportEvent): void {
    const { channel, level, sentence } = kindOf(event);
    const details = { target: this.#target, ...event };
    try {
      // A sentence is made for those who read it.
      const isRead = this.#logger.isLevelEnabled?.(level) !== false;
      const returned: unknown = isRead && this.#logger[level](details, sentence(event));
      if (returned instanceof Promise) returned.catch((error) => this.#onLoggerFailed(error));
    } catch (error) {
      this.#onLoggerFailed(error);
    }
    if (channel.hasSubscribers) channel.publish(details);
  }

  /** There is no logger to tell it to. */
  #onLoggerFailed(error: unknown): void {
    if (this.#hasLoggerFailed) return;
    this.#hasLoggerFailed = true;
    const message = `the logger of the transport for ${this.#target} threw, which is told once: ${toError(error).message}`;
    process.emitWarning(message, { code: "MESHLESS_LOGGER_FAILED" });
  }
}
