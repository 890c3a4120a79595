import type { ConnectError, ContextValues } from "@connectrpc/connect";
import type { Outcome } from "../../balancer/outcome.ts";
import { having } from "../../check-options.ts";
import type { AttemptInfo } from "./attempt-info.ts";

/**
 * Hears of every call and its attempts, for metrics and traces. Its methods are called within the call, in the async context of who made it: they
 * are synchronous and quick. What one throws is told once, as the event `plugInFailed`, and the call goes on.
 */
export interface CallObserver {
  /** A call starts. Whoever is returned hears of its attempts and its end; undefined: nobody does. */
  onCall(call: CallInfo): CallListener | undefined;
}

/** Hears what becomes of one call. */
export interface CallListener {
  /** An attempt starts: its endpoint is chosen, and there is room for its stream. Whoever is returned hears how it ends. */
  onAttempt?(attempt: AttemptStart): AttemptListener | undefined;
  /** After the end of its last attempt. A call whose response is a stream ends when that was read or given up, or when it broke. */
  onEnd?(end: CallEnd): void;
}

/** An attempt whose endpoint is chosen. */
export interface AttemptStart extends AttemptInfo {
  /** How long it took to get a place on a session, in ms: since the call started, or since the attempt before it ended. */
  readonly waitedMs: number;
}

/** Hears how one attempt ends. */
export interface AttemptListener {
  /** Sent with the attempt's request, in place of those of the same name that interceptors set: for the context of a trace. Read once. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  onEnd?(end: AttemptEnd): void;
}

/** A call as the transport is given it, by the last of `interceptors`. */
export interface CallInfo {
  /** As `package.Service/Method`. */
  readonly method: string;
  /** Of the transport. */
  readonly target: string;
  /** Those of the request: what is set here, interceptors of its attempts can read. */
  readonly contextValues: ContextValues;
}

/** How a call ended. */
export interface CallEnd {
  /** The status, as gRPC numbers them: 0 for success, otherwise Connect's `Code`. */
  readonly code: number;
  /** What the caller was given; undefined for success, and for a stream that broke with nobody reading. */
  readonly error: ConnectError | undefined;
  /** 0 where no endpoint could be found in time. */
  readonly attempts: number;
  readonly durationMs: number;
}

/** How an attempt ended, and what it sent and received. */
export interface AttemptEnd extends Pick<CallEnd, "error" | "durationMs"> {
  /** As policies and detectors are told: what became of it in one word, the status, and how long the first response message took. */
  readonly outcome: Outcome;
  /** Of the request's body, as it was sent: compressed, and with the envelopes of its messages. */
  readonly sentBytes: number;
  /** Of the response's body, in the same way, as far as it was read. */
  readonly receivedBytes: number;
}

export const checkObserver = having<CallObserver>("an observer, with an onCall method", "onCall");
