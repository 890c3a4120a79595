import type { LogLevel } from "../logger.ts";
import type { TransportSnapshot } from "../transport/balanced-transport.ts";
import type { TransportEvent } from "../transport/events/event-catalogue.ts";
import type { EndpointSnapshot } from "../transport/upstream/upstream-snapshot.ts";

/** What `GET /snapshot.json` answers: the process, and one of its transports. Times are in ms; nothing tells the time of day. */
export interface DebugSnapshot {
  /** Of this layout. A field may be added to it, none is changed. */
  readonly version: 1;
  /** Asked sooner, the page answers the same again. */
  readonly nextInMs: number;
  readonly process: DebuggedProcess;
  /** The targets of all transports, in the order in which they were given. */
  readonly targets: readonly string[];
  /** The one that was asked for, by its place in `targets`. Absent if there is none. */
  readonly transport?: DebuggedTransport;
}

/** The process that serves the page. */
export interface DebuggedProcess {
  readonly name: string;
  readonly pid: number;
  /** As `v24.17.0`. */
  readonly node: string;
  readonly upForMs: number;
}

/** What `inspect()` says of a transport, with its recent traffic and events. */
export interface DebuggedTransport extends Omit<TransportSnapshot, "endpoints"> {
  readonly traffic: CallTraffic;
  readonly endpoints: readonly DebuggedEndpoint[];
  /** How many endpoints are known beyond those that are listed. */
  readonly endpointsLeftOut: number;
  /** The latest, the oldest first. */
  readonly events: readonly LoggedEvent[];
}

/** What the page shows of an endpoint. */
export interface DebuggedEndpoint extends EndpointSnapshot {
  readonly traffic: AttemptTraffic;
}

/** Calls of the last ten seconds, counted only while somebody looks. */
export interface CallTraffic {
  /** Of how many ms the figures are: 10,000, or less when somebody has only begun to look. */
  readonly windowMs: number;
  readonly callsPerSecond: number;
  /** Of those that ended: answered, if only with an error that is the caller's fault. Absent while none has ended. */
  readonly successShare?: number;
  /** From the start of the call to its first response message, repeats and waits included. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Attempts beyond the first, for each call. */
  readonly repeatedShare?: number;
}

/** Attempts of the last ten seconds on one endpoint. */
export interface AttemptTraffic {
  readonly attemptsPerSecond: number;
  /** Of all attempts, 0 to 1. */
  readonly share: number;
  readonly successShare?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly lastError?: LastError;
}

/** The error with which an attempt on an endpoint ended last. */
export interface LastError {
  readonly message: string;
  readonly agoMs: number;
}

/** An event, as the page lists it. */
export interface LoggedEvent {
  /** 1 for the transport's first. */
  readonly number: number;
  readonly agoMs: number;
  readonly type: TransportEvent["type"];
  readonly level: LogLevel;
  /** The sentence that a logger is given. */
  readonly message: string;
  /** The id of the endpoint that it is about. */
  readonly endpoint?: string;
}
