import { Code, ConnectError } from "@connectrpc/connect";
import { type Outcome, usualCode } from "../../balancer/outcome.ts";
import type { Clock, Timer } from "../../clock.ts";
import { type Followed, FollowingSignal, type SignalOwner } from "../../following-signal.ts";
import type { Place } from "../upstream/place.ts";
import type { AttemptInfo, RepeatReason } from "./attempt-info.ts";
import { AttemptStream, type StreamOwner } from "./attempt-stream.ts";
import type { Call } from "./call.ts";
import { type Aborted, classify, isWireError, pushbackMs } from "./classify.ts";
import type { ObservedAttempt } from "./contained-observer.ts";
import { beyondSettings } from "./header-limit.ts";
import { type RawHeaders, withHeaders } from "./node-headers.ts";
import { PacedBytes } from "./paced-bytes.ts";
import type { ResponseBytes, TakeBytes } from "./response-bytes.ts";
import { streamError } from "./stream-error.ts";
import { type StreamFacts, sessionGone, unsent } from "./stream-facts.ts";

type AttemptInit = Pick<Attempt, "call" | "place" | "number" | "previous" | "repeatReason" | "mayBounce" | "clock">;

const claimedTwice =
  "an attempt interceptor called next twice, but an attempt is one request; to make a call again, do so in `interceptors`, which see the whole call";

/** How long the outcome of a stream that is over waits for a late reader, in ms: Connect's status is in the last message. */
const lateReaderMs = 1_000;

/**
 * One try of a call on one endpoint. It judges, once, what became of it: from the facts of its stream, and from what its protocol made of the
 * response. It settles the lease once that is known and both sides have ended the stream, or it closed (not when an iterator ends: a reader may
 * stop early and leave the server working). Node.js closes a stream that has ended some moments later; a call that follows would find its
 * endpoint busy.
 */
export class Attempt implements StreamOwner, SignalOwner {
  readonly call: Call;
  readonly place: Place;
  /** 1 for the first. */
  readonly number: number;
  /** How many attempts before it a server may have acted on. */
  readonly previous: number;
  readonly repeatReason: RepeatReason | undefined;
  /** How often the call may be bounced from here on; 0: it must be taken. */
  readonly mayBounce: number;
  readonly clock: Clock;
  /** As its server is told. Of a stream that is the call's: the time of an attempt ends with the first message, which the server can't know. */
  readonly deadlineAtMs: number;
  /** What happened on its stream, as far as is known. */
  facts: Readonly<StreamFacts> = unsent;
  readonly #startedAtMs: number;
  readonly #observed: ObservedAttempt | undefined;
  readonly #signal = new FollowingSignal(this);
  #claimed = false;
  #stream: AttemptStream | undefined;
  #outcome: Outcome | undefined;
  #settled = false;
  #lateReader: Timer | undefined;
  readonly #patience: Timer | undefined;

  constructor({ call, place, number, previous, repeatReason, mayBounce, clock }: AttemptInit) {
    this.call = call;
    this.place = place;
    this.number = number;
    this.previous = previous;
    this.repeatReason = repeatReason;
    this.mayBounce = mayBounce;
    this.clock = clock;
    this.#startedAtMs = clock.now();
    const { perAttemptTimeoutMs } = call.rules.retry;
    this.deadlineAtMs = call.isStream ? call.deadlineAtMs : Math.min(call.deadlineAtMs, this.#startedAtMs + perAttemptTimeoutMs);
    if (perAttemptTimeoutMs < Number.POSITIVE_INFINITY) this.#patience = clock.after(perAttemptTimeoutMs, () => this.#onLate());
    this.#observed = call.observed?.onAttempt(this.info);
  }

  /** Its own signal, by which the HTTP client recognizes whose request it is given. */
  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  /** Whether this is its own signal. */
  has(signal: AbortSignal): boolean {
    return this.#signal.has(signal);
  }

  get info(): AttemptInfo {
    return { endpoint: this.place.lease.endpoint, number: this.number, repeatReason: this.repeatReason };
  }

  get endpointId(): string {
    return this.place.lease.endpoint.id;
  }

  /** Whether its session left without a look at it. One that had been `used` met a server that goes; from a `new` one, a server that is full. */
  get connectionLeft(): "no" | "new" | "used" {
    if (!this.facts.beyondGoaway) return "no";
    return this.place.session.worked ? "used" : "new";
  }

  /** Whether the server bounced the attempt or still may. */
  get isBounceable(): boolean {
    return this.mayBounce > 0 && (this.#stream === undefined || this.#stream.isBounceable);
  }

  /** How much of a request that is a stream went out. */
  get sentBytes(): number {
    return this.#stream?.streamedBytes ?? 0;
  }

  /** The attempt is to end with this signal: its call's, or one that an attempt interceptor gave its request. */
  follow(signal: Followed): void {
    const isOver = this.#stream === undefined ? this.#settled : this.#stream.isClosed;
    if (!isOver) this.#signal.follow(signal);
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

  /**
   * Opens the stream. Throws a `ConnectError` if the attempt is over or aborted, its session has gone meanwhile, or the headers can't be sent.
   *
   * @param takeBytes how the response is read
   */
  open(headers: RawHeaders, endStream: boolean): AttemptStream;
  open<B extends ResponseBytes>(headers: RawHeaders, endStream: boolean, takeBytes: TakeBytes<B>): AttemptStream<B>;
  open(headers: RawHeaders, endStream: boolean, takeBytes: TakeBytes = PacedBytes): AttemptStream {
    const { session, address } = this.place;
    if (this.aborted) throw this.#abortError;
    // An attempt interceptor that failed may have left its request behind.
    if (this.#outcome !== undefined) throw new ConnectError("the attempt is over, its request was not sent", Code.Canceled);
    if (!session.keepsPlaces) {
      this.facts = sessionGone;
      throw streamError(sessionGone, address);
    }
    const sent = withHeaders(headers, this.#observed?.headers);
    const error = beyondSettings(sent, session.maxHeaderListBytes, address);
    if (error !== undefined) throw error;
    try {
      this.#stream = new AttemptStream(session.request(sent, endStream), this, sent, takeBytes);
    } catch (error) {
      throw ConnectError.from(error, Code.InvalidArgument);
    }
    this.facts = this.#stream;
    return this.#stream;
  }

  /** The caller has the answer, or of a stream its beginning: there won't be another attempt. */
  onAnswered(): void {
    this.#patience?.cancel();
    if (!this.call.isStream) this.finish(undefined);
  }

  /** The RPC is over for our side: answered, or failed with `error`. The first call counts. */
  finish(error: unknown): Outcome {
    this.#patience?.cancel();
    if (error !== undefined) this.#leaveStream(error);
    this.#outcome ??= this.#judge(error);
    this.#settle();
    this.#observed?.onOutcome(this.#outcome, error, this.#stream);
    return this.#outcome;
  }

  onAborted(): void {
    this.#stream?.giveUp(this.#abortError);
  }

  onEnded(): void {
    this.#settle();
    // connect aborts the signal of every call that succeeded: nothing to hear any more.
    if (this.facts.ended && !this.#stream?.isUnread) this.#signal.unfollow();
  }

  onClosed(): void {
    if (this.call.isStream) this.#judgeStream();
    this.#settle();
    const outcome = this.#outcome;
    if (outcome === undefined) return;
    this.#observed?.onOutcome(outcome, outcome.kind === "success" ? undefined : this.#stream?.error, this.#stream);
  }

  #onLate(): void {
    const { perAttemptTimeoutMs } = this.call.rules.retry;
    const message = `${this.place.address} did not answer within the ${perAttemptTimeoutMs} ms of an attempt (perAttemptTimeoutMs)`;
    this.#signal.abort(new ConnectError(message, Code.DeadlineExceeded));
  }

  /** After an error nobody reads on, and a stream that nobody reads never closes. */
  #leaveStream(error: unknown): void {
    const stream = this.#stream;
    if (stream === undefined || stream.isClosed) return;
    if (stream.bounced || isWireError(error)) stream.discardRest();
    else stream.giveUp();
  }

  /** What became of a stream that has closed, unless its reader is still to tell: for a while, or until it is cancelled. */
  #judgeStream(): void {
    if (this.aborted || !this.#stream?.isUnread) this.#outcome ??= this.#judge(undefined);
    if (this.#outcome !== undefined) return;
    const onNoReader = () => this.finish(undefined);
    this.#lateReader = this.clock.after(lateReaderMs, onNoReader);
    this.signal.addEventListener("abort", onNoReader);
  }

  #judge(error: unknown): Outcome {
    const facts = this.facts;
    const verdict = classify(facts, facts.expired ? "deadline" : abortedBy(this.#signal), this.call.isStream, error);
    const shown = error ?? (verdict.kind === "failure" ? this.#stream?.error : undefined);
    const code = shown === undefined ? usualCode[verdict.kind] : ConnectError.from(shown).code;
    const outcome = { ...verdict, code, latencyMs: (this.#stream?.answeredAtMs ?? this.clock.now()) - this.#startedAtMs };
    const retryAfterMs = facts.bounced ? 0 : verdict.kind === "overload" ? pushbackMs(error) : undefined;
    return retryAfterMs === undefined || retryAfterMs < 0 ? outcome : { ...outcome, retryAfterMs };
  }

  get #abortError(): ConnectError {
    return ConnectError.from(this.#signal.reason, Code.Canceled);
  }

  #settle(): void {
    const stream = this.#stream;
    if (this.#outcome === undefined || this.#settled || !(stream === undefined || stream.isComplete || stream.isClosed)) return;
    this.#settled = true;
    this.#lateReader?.cancel();
    this.#signal.unfollow();
    this.place.settle(this.#outcome, this.clock.now());
    if (stream === undefined) this.place.release();
  }
}

function abortedBy({ aborted, reason }: FollowingSignal): Aborted {
  if (!aborted) return "no";
  return reason instanceof ConnectError && reason.code === Code.DeadlineExceeded ? "deadline" : "canceled";
}
