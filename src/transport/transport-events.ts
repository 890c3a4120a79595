import { type Channel, channel } from "node:diagnostics_channel";
import type { BalancerEvent } from "../balancer/balancer-event.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Logger } from "../logger.ts";
import type { Notice } from "../notice.ts";
import { toError } from "../to-error.ts";

/** What a transport tells of its endpoints and sessions. */
export type TransportEvent =
  | BalancerEvent
  | { readonly type: "sessionOpened"; readonly endpoint: Endpoint }
  | { readonly type: "sessionClosed"; readonly endpoint: Endpoint; readonly reason: string }
  | { readonly type: "endpointReady"; readonly endpoint: Endpoint }
  | { readonly type: "endpointUnreachable"; readonly endpoint: Endpoint; readonly reason: string }
  /** Certificates were read anew; sessions are replaced one after the other. */
  | { readonly type: "credentialsRenewed" }
  /** Certificate files hold nothing of use; what was read before stays. */
  | { readonly type: "credentialsError"; readonly error: Error }
  /** An endpoint can't be reached with renewed certificates; its old sessions stay while they last. */
  | { readonly type: "renewalFailed"; readonly endpoint: Endpoint; readonly reason: string }
  | { readonly type: "sourceError"; readonly error: Error }
  | ({ readonly type: "notice" } & Notice);

type EventType = TransportEvent["type"];

const channels: Readonly<Record<EventType, Channel>> = {
  endpointAdded: channel("meshless:endpoint:added"),
  endpointRemoved: channel("meshless:endpoint:removed"),
  endpointEjected: channel("meshless:endpoint:ejected"),
  endpointReadmitted: channel("meshless:endpoint:readmitted"),
  endpointReady: channel("meshless:endpoint:ready"),
  endpointUnreachable: channel("meshless:endpoint:unreachable"),
  panicChanged: channel("meshless:balancer:panic"),
  sessionOpened: channel("meshless:session:opened"),
  sessionClosed: channel("meshless:session:closed"),
  credentialsRenewed: channel("meshless:credentials:renewed"),
  credentialsError: channel("meshless:credentials:error"),
  renewalFailed: channel("meshless:credentials:refused"),
  sourceError: channel("meshless:source:error"),
  notice: channel("meshless:source:notice"),
  plugInFailed: channel("meshless:plug-in:failed"),
};

const levels: Readonly<Record<EventType, keyof Logger>> = {
  endpointAdded: "debug",
  endpointRemoved: "debug",
  endpointEjected: "warn",
  endpointReadmitted: "info",
  endpointReady: "debug",
  endpointUnreachable: "warn",
  panicChanged: "warn",
  sessionOpened: "debug",
  sessionClosed: "debug",
  credentialsRenewed: "info",
  credentialsError: "warn",
  renewalFailed: "warn",
  sourceError: "warn",
  notice: "warn",
  plugInFailed: "error",
};

/** Events that a slow reader may have waiting; the oldest are dropped beyond. */
const maxWaitingEvents = 1_000;

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
    const details = { target: this.#target, ...event };
    try {
      const returned: unknown = this.#logger[levels[event.type]](details, sentence(event));
      if (returned instanceof Promise) returned.catch((error) => this.#onLoggerFailed(error));
    } catch (error) {
      this.#onLoggerFailed(error);
    }
    const channel = channels[event.type];
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

class EventReader implements AsyncIterableIterator<TransportEvent, undefined> {
  readonly #waiting: TransportEvent[] = [];
  readonly #wanted: ((result: IteratorResult<TransportEvent, undefined>) => void)[] = [];
  readonly #onEnd: () => void;
  #ended = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(event: TransportEvent): void {
    const wanted = this.#wanted.shift();
    if (wanted !== undefined) return wanted({ done: false, value: event });
    this.#waiting.push(event);
    if (this.#waiting.length > maxWaitingEvents) this.#waiting.shift();
  }

  end(): void {
    this.#ended = true;
    this.#onEnd();
    for (const wanted of this.#wanted.splice(0)) wanted({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<TransportEvent, undefined>> {
    const event = this.#waiting.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#wanted.push(resolve));
  }

  return(): Promise<IteratorResult<TransportEvent, undefined>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }
}

function sentence(event: TransportEvent): string {
  switch (event.type) {
    case "endpointAdded":
      return `endpoint ${event.endpoint.id} added`;
    case "endpointRemoved":
      return `endpoint ${event.endpoint.id} removed`;
    case "endpointEjected":
      return `endpoint ${event.endpoint.id} ejected for ${Math.round(event.forMs)} ms: ${event.reason}`;
    case "endpointReadmitted":
      return `endpoint ${event.endpoint.id} readmitted`;
    case "endpointReady":
      return `endpoint ${event.endpoint.id} ready`;
    case "endpointUnreachable":
      return `endpoint ${event.endpoint.id} unreachable: ${event.reason}`;
    case "panicChanged":
      return event.panic
        ? `panic: only ${event.eligible} of ${event.total} endpoints are eligible, ejections are ignored`
        : `panic is over: ${event.eligible} of ${event.total} endpoints are eligible`;
    case "sessionOpened":
      return `session to ${event.endpoint.id} opened`;
    case "sessionClosed":
      return `session to ${event.endpoint.id} closed: ${event.reason}`;
    case "credentialsRenewed":
      return "TLS certificates renewed";
    case "renewalFailed":
      return `endpoint ${event.endpoint.id} can't be reached with the renewed certificates: ${event.reason}`;
    case "credentialsError":
    case "sourceError":
      return event.error.message;
    case "notice":
      return event.message;
    case "plugInFailed":
      return `the ${event.plugIn} failed in ${event.method}, which is told once: ${event.error.message}`;
  }
}
