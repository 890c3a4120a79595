import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Lease } from "../balancer/balancer.ts";
import type { Outcome } from "../balancer/outcome.ts";
import type { Clock, Timer } from "../clock.ts";
import type { LoadReport } from "../load-report.ts";
import { loadReportHeader } from "../orca.ts";
import type { AttemptInfo, RepeatReason } from "./attempt-info.ts";
import { AttemptSignal } from "./attempt-signal.ts";
import { saysBounced } from "./bounced-response.ts";
import type { Call } from "./call.ts";
import { type Aborted, classify, isWireError, retryAfterMs, type StreamFacts, streamError } from "./classify.ts";
import { beyondNode, beyondSettings } from "./header-limit.ts";
import { ResetCode } from "./sessions/reset-code.ts";
import type { Session } from "./sessions/session.ts";
import type { SessionPool } from "./sessions/session-pool.ts";

export interface AttemptInit {
  readonly call: Call;
  readonly lease: Lease;
  readonly pool: SessionPool;
  /** With a place reserved for this attempt. */
  readonly session: Session;
  /** 1 for the first. */
  readonly number: number;
  readonly repeatReason: RepeatReason | undefined;
  /** How often the call may be bounced from here on; 0: it must be taken. */
  readonly mayBounce: number;
  readonly clock: Clock;
  /** The attempt holds nothing any more. */
  readonly onOver: () => void;
}

/** A server bounces a call before it reads of its request, so that no more than its window is on the way: 64 KiB by default, seldom more than this. */
const maxUnreadBytes = 262_144;

/** The type of HEADERS frames (RFC 9113, 6.2). */
const headersFrame = 1;

const claimedTwice =
  "an attempt interceptor called next twice, but an attempt is one request; to make a call again, do so in `interceptors`, which see the whole call";

/** How long the outcome of a stream that is over waits for a late reader, in ms: Connect's status is in the last message. */
const lateReaderMs = 1_000;

/** The part of an exchange that an attempt may have to end itself. */
export interface OpenExchange {
  /** The stream is over, and a part of the response was not asked for yet. */
  readonly isUnread: boolean;
  giveUp(error?: ConnectError): void;
  discardRest(): void;
}

/**
 * One try of a call on one endpoint: collects what is seen of it, and settles the lease when both sides have ended the stream, or when it closes
 * (not when an iterator ends: a reader may stop early and leave the server working). Node.js closes a stream that has ended some moments
 * later; a call that follows would find its endpoint busy. The place on the session is kept until then, as Node.js counts it.
 */
export class Attempt implements StreamFacts {
  readonly call: Call;
  readonly number: number;
  readonly mayBounce: number;
  opened = false;
  unsendable: ConnectError | undefined;
  responded = false;
  httpError = false;
  bounced = false;
  ended = false;
  givenUp = false;
  resetCode = 0;
  sessionLost = false;
  beyondGoaway = false;
  expired = false;
  /** Both sides have ended the stream. */
  #complete = false;
  #closed = false;
  #answeredAtMs: number | undefined;
  #streamedBytes = 0;
  #outcome: Outcome | undefined;
  #claimed = false;
  #exchange: OpenExchange | undefined;
  #settled = false;
  #over = false;
  #lateReader: Timer | undefined;
  readonly #signal = new AttemptSignal(() => this.#exchange?.giveUp(ConnectError.from(this.signal.reason, Code.Canceled)));
  readonly #startedAtMs: number;
  readonly #init: AttemptInit;

  constructor(init: AttemptInit) {
    this.#init = init;
    this.call = init.call;
    this.number = init.number;
    this.mayBounce = init.mayBounce;
    this.#startedAtMs = init.clock.now();
  }

  /** Its own signal, by which the HTTP client recognizes whose request it is given. */
  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  /** Where it goes, as `host:port`. */
  get address(): string {
    return this.#init.pool.address;
  }

  get info(): AttemptInfo {
    const { lease, number, repeatReason } = this.#init;
    return { endpoint: lease.endpoint, number, repeatReason };
  }

  get endpointId(): string {
    return this.#init.lease.endpoint.id;
  }

  /** The attempt is to end with this signal: its call's, or one that an attempt interceptor gave its request. */
  follow(signal: AbortSignal): void {
    if (!this.#over) this.#signal.follow(signal);
  }

  /** Stops following signals: there is nothing left to cancel. */
  unfollow(): void {
    this.#signal.unfollow();
  }

  /**
   * An attempt is one request: it has one place on its session. The code of the error is one that blames no endpoint.
   *
   * @throws ConnectError for a second one
   */
  claim(): void {
    if (this.#claimed) throw new ConnectError(claimedTwice, Code.FailedPrecondition);
    this.#claimed = true;
  }

  /** Opens the stream. Throws a `ConnectError` if the attempt is over, its session has gone meanwhile, or the headers can't be sent. */
  open(headers: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream {
    const { session } = this.#init;
    // An attempt interceptor that failed may have left its request behind.
    if (this.#outcome !== undefined) throw new ConnectError("the attempt is over, its request was not sent", Code.Canceled);
    if (!session.keepsPlaces) {
      // Like a GOAWAY that came in time: the request was never sent.
      this.opened = this.beyondGoaway = this.#closed = true;
      throw this.streamError();
    }
    const error = beyondSettings(headers, session.maxHeaderListBytes, this.address);
    if (error !== undefined) throw error;
    try {
      const stream = session.request(headers, endStream);
      this.opened = true;
      return stream.on("frameError", (type, code) => {
        // Node.js then resets the stream as if the server had refused it.
        if (type === headersFrame && code === ResetCode.FRAME_SIZE_ERROR) this.unsendable = beyondNode(headers);
      });
    } catch (error) {
      throw ConnectError.from(error, Code.InvalidArgument);
    }
  }

  /** From here on this exchange owns the stream. */
  onOpened(exchange: OpenExchange): void {
    this.#exchange = exchange;
  }

  /** So much more of a streamed request went out. */
  onSent(bytes: number): void {
    this.#streamedBytes += bytes;
  }

  /** Whether the server bounced the attempt or still may: no response is here, and it need not have read anything. */
  get isBounceable(): boolean {
    return this.bounced || (this.mayBounce > 0 && !this.responded && this.#streamedBytes <= maxUnreadBytes);
  }

  /** Whether its session had been of use and left: one that is refused then met a server that goes, not one that is full. */
  get sessionLeft(): boolean {
    return this.beyondGoaway && this.#init.session.worked;
  }

  onHeaders(headers: IncomingHttpHeaders): void {
    this.responded = true;
    this.httpError = Number(headers[":status"]) >= 400;
    this.bounced = this.mayBounce > 0 && saysBounced(headers);
    // A server that begins to answer does not hang, whether it reports or not, and however long the rest takes.
    this.#init.lease.responded(this.#reportIn(headers), this.#init.clock.now());
  }

  onTrailers(trailers: IncomingHttpHeaders): void {
    const report = this.#reportIn(trailers);
    if (report !== undefined) this.#init.lease.responded(report, this.#init.clock.now());
  }

  /** The first bytes of the response are here. */
  onAnswer(): void {
    this.#answeredAtMs ??= this.#init.clock.now();
  }

  /** The response ended. It can be regular, after a whole one, or not. */
  onEnded(isRegular: boolean, isRequestSent: boolean): void {
    this.ended = this.responded && isRegular;
    this.#complete = this.ended && isRequestSent;
    this.#settle();
  }

  onClosed(stream: ClientHttp2Stream): void {
    const { session } = this.#init;
    this.#closed = true;
    this.resetCode = stream.rstCode ?? 0;
    this.sessionLost = session.lost;
    this.beyondGoaway = session.isBeyondGoaway(stream.id);
    this.expired = this.resetCode === ResetCode.CANCEL && !session.lost && this.#init.clock.now() >= this.call.deadlineAtMs;
    if (this.call.isStream) this.#judgeStream();
    this.#settle();
  }

  /** The error of a stream that closed too soon. */
  streamError(cause?: Error): ConnectError {
    return streamError(this, this.address, this.#init.session.end?.reason ?? cause?.message, cause);
  }

  /** The RPC is over for our side: answered, or failed with `error`. The first call counts. */
  finish(error: unknown): Outcome {
    if (error !== undefined && !this.#closed) this.#leaveExchange(error);
    this.#outcome ??= this.#judge(error);
    this.#settle();
    return this.#outcome;
  }

  /** After an error nobody reads on, and a stream that nobody reads never closes. */
  #leaveExchange(error: unknown): void {
    if (this.bounced || isWireError(error)) this.#exchange?.discardRest();
    else this.#exchange?.giveUp();
  }

  /** What became of a stream that has closed, unless its reader is still to tell: for a while, or until it is cancelled. */
  #judgeStream(): void {
    if (this.signal.aborted || !this.#exchange?.isUnread) this.#outcome ??= this.#judge(undefined);
    if (this.#outcome !== undefined) return;
    this.#lateReader = this.#init.clock.after(lateReaderMs, this.#onNoReader);
    this.signal.addEventListener("abort", this.#onNoReader);
  }

  readonly #onNoReader = (): void => {
    this.finish(undefined);
  };

  #judge(error: unknown): Outcome {
    const { clock } = this.#init;
    const verdict = classify(this, this.expired ? "deadline" : abortedBy(this.signal), this.call.isStream, error);
    const latencyMs = (this.#answeredAtMs ?? clock.now()) - this.#startedAtMs;
    if (this.bounced) return { ...verdict, latencyMs, retryAfterMs: 0 };
    const pushbackMs = verdict.kind === "overload" ? retryAfterMs(error) : undefined;
    return pushbackMs === undefined ? { ...verdict, latencyMs } : { ...verdict, latencyMs, retryAfterMs: pushbackMs };
  }

  #settle(): void {
    const { lease, session, clock } = this.#init;
    if (this.#outcome !== undefined && !this.#settled && (!this.opened || this.#complete || this.#closed)) {
      this.#settled = true;
      this.#forgetReader();
      this.unfollow();
      lease.settle(this.#outcome, clock.now());
    }
    if (this.#over || !(this.opened ? this.#closed : this.#settled)) return;
    this.#over = true;
    session.release(this.resetCode === ResetCode.CANCEL);
    this.#init.onOver();
  }

  #forgetReader(): void {
    if (this.#lateReader === undefined) return;
    this.#lateReader.cancel();
    this.signal.removeEventListener("abort", this.#onNoReader);
  }

  #reportIn(headers: IncomingHttpHeaders): LoadReport | undefined {
    const value = headers[loadReportHeader];
    return value === undefined ? undefined : this.#init.pool.reports.read(value);
  }
}

function abortedBy(signal: AbortSignal): Aborted {
  if (!signal.aborted) return "no";
  return signal.reason instanceof ConnectError && signal.reason.code === Code.DeadlineExceeded ? "deadline" : "canceled";
}
