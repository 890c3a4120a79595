import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Lease } from "../balancer/balancer.ts";
import type { Outcome } from "../balancer/outcome.ts";
import type { Clock } from "../clock.ts";
import { type Aborted, classify, isWireError, retryAfterMs, type StreamFacts, streamError } from "./classify.ts";
import { hostAndPort } from "./dial.ts";
import type { Session } from "./session.ts";
import type { SessionPool } from "./session-pool.ts";

const reportHeader = "endpoint-load-metrics-bin";

export interface AttemptInit {
  readonly lease: Lease;
  readonly pool: SessionPool;
  /** With a place reserved for this attempt. */
  readonly session: Session;
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly number: number;
  /** The response may have several messages. */
  readonly isStream: boolean;
  /** The request has one message. */
  readonly singleRequest: boolean;
  readonly clock: Clock;
  /** The attempt holds nothing any more. */
  readonly onOver: () => void;
}

/** The part of a response that an attempt may have to end itself. */
export interface OpenResponse {
  giveUp(): void;
  discardRest(): void;
}

/**
 * One try of a call on one endpoint: collects what is seen of it, and settles the lease when its stream closes (not when an
 * iterator ends: a reader may stop early and leave the server working).
 */
export class Attempt implements StreamFacts {
  readonly address: string;
  readonly number: number;
  readonly signal: AbortSignal;
  opened = false;
  responded = false;
  ended = false;
  givenUp = false;
  resetCode = 0;
  sessionLost = false;
  beyondGoaway = false;
  #closed = false;
  #answeredAtMs: number | undefined;
  #outcome: Outcome | undefined;
  #response: OpenResponse | undefined;
  #settled = false;
  readonly #startedAtMs: number;
  readonly #init: AttemptInit;

  constructor(init: AttemptInit) {
    this.#init = init;
    this.number = init.number;
    this.signal = init.signal;
    this.address = hostAndPort(init.lease.endpoint.address, init.lease.endpoint.port);
    this.#startedAtMs = init.clock.now();
  }

  get endpointId(): string {
    return this.#init.lease.endpoint.id;
  }

  /** Opens the stream. Throws a `ConnectError` if the session has gone meanwhile or refuses the headers. */
  open(headers: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream {
    const { session } = this.#init;
    try {
      const stream = session.request(headers, endStream);
      this.opened = true;
      return stream;
    } catch (error) {
      if (session.phase === "open" && !session.lost) throw ConnectError.from(error, Code.InvalidArgument);
      // As good as a GOAWAY that came in time: the request never left.
      this.opened = this.beyondGoaway = this.#closed = true;
      throw this.streamError();
    }
  }

  get singleRequest(): boolean {
    return this.#init.singleRequest;
  }

  onHeaders(headers: IncomingHttpHeaders, response: OpenResponse): void {
    this.responded = true;
    this.#response = response;
    this.#readReport(headers);
  }

  onTrailers(trailers: IncomingHttpHeaders): void {
    this.#readReport(trailers);
  }

  /** The first bytes of the response are here. */
  onAnswer(): void {
    this.#answeredAtMs ??= this.#init.clock.now();
  }

  onClosed(stream: ClientHttp2Stream): void {
    const { session } = this.#init;
    this.#closed = true;
    this.resetCode = stream.rstCode ?? 0;
    this.sessionLost = session.lost;
    this.beyondGoaway = session.isBeyondGoaway(stream.id);
    if (this.#init.isStream) this.#outcome ??= this.#judge(undefined);
    this.#settle();
  }

  /** The error of a stream that closed too soon. */
  streamError(cause?: Error): ConnectError {
    return streamError(this, this.address, this.#init.session.end?.reason ?? cause?.message, cause);
  }

  /** The RPC is over for our side: answered, or failed with `error`. The first call counts. */
  finish(error: unknown): Outcome {
    if (error !== undefined && !this.#closed) this.#leaveResponse(error);
    this.#outcome ??= this.#judge(error);
    this.#settle();
    return this.#outcome;
  }

  /** After an error nobody reads on, and a stream that nobody reads never closes. */
  #leaveResponse(error: unknown): void {
    if (isWireError(error)) this.#response?.discardRest();
    else this.#response?.giveUp();
  }

  #judge(error: unknown): Outcome {
    const { clock, isStream } = this.#init;
    const verdict = classify(this, abortedBy(this.signal), isStream, error);
    const latencyMs = (this.#answeredAtMs ?? clock.now()) - this.#startedAtMs;
    const pushbackMs = verdict.kind === "overload" ? retryAfterMs(error) : undefined;
    return pushbackMs === undefined ? { ...verdict, latencyMs } : { ...verdict, latencyMs, retryAfterMs: pushbackMs };
  }

  #settle(): void {
    if (this.#settled || this.#outcome === undefined || (this.opened && !this.#closed)) return;
    this.#settled = true;
    this.#init.lease.settle(this.#outcome, this.#init.clock.now());
    this.#init.session.release();
    this.#init.onOver();
  }

  #readReport(headers: IncomingHttpHeaders): void {
    const value = headers[reportHeader];
    if (value === undefined) return;
    const report = this.#init.pool.reports.read(value);
    if (report !== undefined) this.#init.lease.responded(report, this.#init.clock.now());
  }
}

function abortedBy(signal: AbortSignal): Aborted {
  if (!signal.aborted) return "no";
  return signal.reason instanceof ConnectError && signal.reason.code === Code.DeadlineExceeded ? "deadline" : "canceled";
}
