import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Clock } from "../../clock.ts";
import { ResetCode } from "../sessions/reset-code.ts";
import type { Place } from "../upstream/place.ts";
import { bounceError, saysBounced } from "./bounced-response.ts";
import type { Call } from "./call.ts";
import { beyondNode, mayBeBeyondNode } from "./header-limit.ts";
import type { RawHeaders } from "./node-headers.ts";
import type { BytesListener, ResponseBytes, TakeBytes } from "./response-bytes.ts";
import { sendBody } from "./send-body.ts";
import { streamError } from "./stream-error.ts";
import { StreamFacts } from "./stream-facts.ts";

/** Reads the response of an attempt's stream. */
export interface StreamReader {
  onHeaders(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void;
  onTrailers(trailers: IncomingHttpHeaders): void;
  /** There is something to read, or the end of it. */
  onReadable(): void;
  /** There is no more of a response than was read. */
  onFailed(error: ConnectError): void;
}

/** Whose stream it is. */
export interface StreamOwner {
  readonly call: Call;
  readonly place: Place;
  readonly mayBounce: number;
  /** When its own time is over, at the latest with its call's. */
  readonly deadlineAtMs: number;
  /** It was cancelled, or its time is over. */
  readonly aborted: boolean;
  readonly clock: Clock;
  /** The response is over. */
  onEnded(): void;
  /** All is over, and all facts are known. */
  onClosed(): void;
}

/** A server bounces a call before it reads of its request, so that no more than its window is on the way: 64 KiB by default, seldom more than this. */
const maxUnreadBytes = 262_144;

/** The type of HEADERS frames (RFC 9113, 6.2). */
const headersFrame = 1;

/** What may still come after the server said how the RPC ended; more is not an end but an attack. */
const maxTailBytes = 65_536;

/**
 * The HTTP/2 stream of one attempt, and what happened on it: the facts are its own, and the attempt reads them. It holds the place on the session
 * until it closes, as Node.js counts it. Its reader hears of the response, and at the latest when the stream closes that there is none.
 */
export class AttemptStream<B extends ResponseBytes = ResponseBytes> extends StreamFacts implements BytesListener {
  /** Both sides have ended it: nothing is under way, though Node.js closes it some moments later. */
  isComplete = false;
  isClosed = false;
  /** When the first bytes of the response came. */
  answeredAtMs: number | undefined;
  /** Of the request, where it is sent as it comes. */
  streamedBytes = 0;
  /** Why there is no whole response: it was given up, turned away or cut. */
  error: ConnectError | undefined;
  /** Of the request's body, as far as it was handed over. */
  sentBytes = 0;
  readonly bytes: B;
  #cause: Error | undefined;
  #reader!: StreamReader;
  readonly #native: ClientHttp2Stream;
  readonly #owner: StreamOwner;

  constructor(native: ClientHttp2Stream, owner: StreamOwner, headers: RawHeaders, takeBytes: TakeBytes<B>) {
    super();
    this.opened = true;
    this.#native = native;
    this.#owner = owner;
    this.bytes = new takeBytes(native, this);
    this.#listen(headers);
  }

  /** It is over for the server, and a part of the response was not asked for yet. */
  get isUnread(): boolean {
    return this.bytes.isUnread;
  }

  /** Whether the server bounced the attempt or still may, if that is permitted: no response is here, and it need not have read anything. */
  get isBounceable(): boolean {
    return this.bounced || (!this.responded && this.streamedBytes <= maxUnreadBytes);
  }

  /** To be called at once, so that nothing is missed. A reader may hand it on to another one. */
  readBy(reader: StreamReader): void {
    this.#reader = reader;
  }

  /** Sends a body that is at hand as a whole. */
  end(bytes: Uint8Array): void {
    this.sentBytes = bytes.length;
    this.#native.end(bytes);
  }

  /** Sends a body as it comes, at the server's pace. */
  send(chunks: AsyncIterator<Uint8Array>): void {
    const onSent = (bytes: number) => {
      this.streamedBytes += bytes;
      this.sentBytes += bytes;
    };
    sendBody(chunks, this.#native, onSent).catch((error) => this.giveUp(ConnectError.from(error, Code.Internal)));
  }

  /** The next bytes of the response; null if none are here. */
  read(): Uint8Array | null {
    return this.bytes.read();
  }

  /** Ends it from our side: the server is told, and the load is released. A response that has ended already stays as it is. */
  giveUp(error?: ConnectError): void {
    if (this.ended && !this.isUnread) return;
    this.givenUp = !this.#owner.aborted;
    if (!this.#native.closed) this.#native.close(ResetCode.CANCEL);
    this.#fail(error ?? new ConnectError("the response was given up", Code.Canceled));
    // A stream that is closed keeps what was not read yet, and says that it is over only once that is gone.
    this.bytes.discard(Number.POSITIVE_INFINITY);
  }

  /** Everything needed has been read. Lets the stream end by itself, within bounds. */
  discardRest(): void {
    if (!this.bytes.discard(maxTailBytes)) this.giveUp();
  }

  #listen(headers: RawHeaders): void {
    const native = this.#native;
    native.on("response", (headers) => this.#onResponse(headers));
    native.on("trailers", (trailers) => this.#onTrailers(trailers));
    // "close" follows and is handled; an "error" without a listener would end the process.
    native.on("error", (error) => {
      this.#cause = error;
    });
    native.on("close", () => this.#onClose());
    if (!mayBeBeyondNode(headers)) return;
    native.on("frameError", (type, code) => {
      // Node.js then resets the stream as if the server had refused it.
      if (type === headersFrame && code === ResetCode.FRAME_SIZE_ERROR) this.unsendable = beyondNode(headers);
    });
  }

  #onResponse(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    const { place, mayBounce, clock } = this.#owner;
    this.responded = true;
    this.httpError = Number(headers[":status"]) >= 400;
    this.bounced = mayBounce > 0 && saysBounced(headers);
    place.onHeaders(headers, clock.now());
    if (this.bounced) this.#fail(bounceError(place.address, headers));
    else this.#listener?.onHeaders(headers);
  }

  #onTrailers(trailers: IncomingHttpHeaders): void {
    this.#owner.place.onTrailers(trailers, this.#owner.clock.now());
    this.#listener?.onTrailers(trailers);
  }

  onReadable(): void {
    this.answeredAtMs ??= this.#owner.clock.now();
    if (!this.bytes.isDiscarded) this.#reader.onReadable();
    else if (!this.bytes.discard()) this.giveUp();
  }

  onEnd(): void {
    const native = this.#native;
    this.ended = this.responded && this.bytes.hasRegularEnd;
    this.isComplete = this.ended && native.writableFinished;
    this.#owner.onEnded();
    this.#listener?.onReadable();
    // The server answered without waiting for the whole request: nothing else would end what is left of it.
    if (this.ended && !native.writableFinished && !native.closed) native.close(ResetCode.CANCEL);
    // Node.js waits until a request is sent, even one that was cut off by a reset with NO_ERROR: for ever.
    if (native.closed && !native.writableFinished) native.destroy();
  }

  #onClose(): void {
    const { deadlineAtMs, place, clock } = this.#owner;
    const { session } = place;
    this.isClosed = true;
    this.resetCode = this.#native.rstCode ?? 0;
    this.sessionLost = session.lost;
    this.beyondGoaway = session.isBeyondGoaway(this.#native.id, this.resetCode);
    this.expired = this.resetCode === ResetCode.CANCEL && !session.lost && clock.now() >= deadlineAtMs;
    const isCut = !this.ended && this.error === undefined;
    if (isCut) this.error = streamError(this, place.address, session.end?.reason ?? this.#cause?.message, this.#cause);
    this.#owner.onClosed();
    place.release(this.resetCode === ResetCode.CANCEL);
    if (isCut) this.#reader.onFailed(this.error as ConnectError);
  }

  /** The reader, unless it was told that there is no more: what comes late is not for it. */
  get #listener(): StreamReader | undefined {
    return this.error === undefined ? this.#reader : undefined;
  }

  #fail(error: ConnectError): void {
    if (this.error !== undefined) return;
    this.error = error;
    this.#reader.onFailed(error);
  }
}
