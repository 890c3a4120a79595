import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientResponse } from "@connectrpc/connect/protocol";
import type { Attempt } from "./attempt.ts";
import { bounceError } from "./bounced-response.ts";
import { appendReceived } from "./node-headers.ts";
import { ResetCode } from "./sessions/reset-code.ts";

type Chunk = IteratorResult<Uint8Array, undefined>;

const done: Chunk = { done: true, value: undefined };

/** What may still come after the server said how the RPC ended; more is not an end but an attack. */
const maxTailBytes = 65_536;

/**
 * One HTTP/2 stream from request to end, as Connect's protocol code wants it: a promise of the response, whose body is read
 * at the reader's pace. Every promise settles, at the latest when the stream closes.
 */
export class Exchange implements UniversalClientResponse, AsyncIterableIterator<Uint8Array, undefined> {
  status = 0;
  header: Headers = noHeaders;
  readonly trailer = new Headers();
  readonly body: AsyncIterable<Uint8Array> = this;
  readonly response: Promise<UniversalClientResponse>;
  #resolve!: (response: UniversalClientResponse) => void;
  #reject!: (error: ConnectError) => void;
  #error: ConnectError | undefined;
  #cause: Error | undefined;
  #hasRegularEnd = false;
  /** What was unread when the server was done: Node.js keeps a stream open until it is read, and that may be never. */
  #rest: Uint8Array[] = [];
  /** Set once nobody reads any more: how much may still be thrown away. */
  #tailBytes: number | undefined;
  #wanted: { resolve: (chunk: Chunk) => void; reject: (error: ConnectError) => void } | undefined;
  readonly #stream: ClientHttp2Stream;
  readonly #attempt: Attempt;

  constructor(stream: ClientHttp2Stream, attempt: Attempt) {
    this.#stream = stream;
    this.#attempt = attempt;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#listen();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get isUnread(): boolean {
    return this.#rest.length > 0;
  }

  next(): Promise<Chunk> {
    const chunk = this.#read();
    if (chunk !== undefined) return Promise.resolve(chunk);
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#wanted = { resolve, reject };
    });
  }

  /** The reader stops: the server is told, and the load is released. */
  return(): Promise<Chunk> {
    this.giveUp();
    return Promise.resolve(done);
  }

  /** The reader failed: as {@link return}, and the error goes on. */
  throw(error: unknown): Promise<Chunk> {
    this.giveUp();
    return Promise.reject(error);
  }

  /** Ends the exchange from our side; a response that has ended already stays as it is. */
  giveUp(error?: ConnectError): void {
    if (this.#attempt.ended && !this.isUnread) return;
    this.#attempt.givenUp = !this.#attempt.signal.aborted;
    if (!this.#stream.closed) this.#stream.close(ResetCode.CANCEL);
    this.#fail(error ?? new ConnectError("the response was given up", Code.Canceled));
    // A stream that is closed keeps what was not read yet, and says that it is over only once that is gone.
    this.#discardRest(Number.POSITIVE_INFINITY);
  }

  /** Everything needed has been read. Lets the stream end by itself, within bounds. */
  discardRest(): void {
    this.#discardRest(maxTailBytes);
  }

  #discardRest(maxBytes: number): void {
    this.#rest = [];
    this.#tailBytes = maxBytes;
    this.#discard();
  }

  #listen(): void {
    const stream = this.#stream;
    this.#noticeRegularEnd();
    this.#attempt.onOpened(this);
    stream.on("response", (headers) => this.#onResponse(headers));
    stream.on("trailers", (trailers) => this.#onTrailers(trailers));
    stream.on("readable", () => this.#onReadable());
    stream.on("end", () => this.#onEnd());
    // "close" follows and is handled; an "error" without a listener would end the process.
    stream.on("error", (error) => {
      this.#cause = error;
    });
    stream.on("close", () => this.#onClose());
  }

  /**
   * Node.js ends the readable side alike for END_STREAM and for a reset with NO_ERROR, which may cut a body in two. Only the moment
   * tells: END_STREAM is read while the stream is open, a reset after it was closed.
   */
  #noticeRegularEnd(): void {
    const stream = this.#stream;
    const push = stream.push;
    stream.push = (chunk, encoding) => {
      if (chunk === null && !stream.closed) this.#hasRegularEnd = true;
      const wantsMore = push.call(stream, chunk, encoding);
      if (chunk === null) this.#onServerDone();
      return wantsMore;
    };
  }

  /**
   * The server has ended its side, or, called again, both sides are closed. A reader that keeps up needs nothing; for any other the rest,
   * which has all come, is set aside, so that the stream closes and gives its place back.
   */
  #onServerDone(): void {
    const stream = this.#stream;
    const isOver = stream.closed || !stream.writableFinished;
    if (!this.#hasRegularEnd || !isOver) return;
    for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) this.#rest.push(chunk);
  }

  #onResponse(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.#attempt.onHeaders(headers);
    this.status = headers[":status"] ?? 0;
    this.header = appendReceived(new Headers(), headers);
    if (this.#attempt.bounced) this.#fail(bounceError(this.#attempt.address, this.header));
    else this.#resolve(this);
  }

  #onTrailers(trailers: IncomingHttpHeaders): void {
    this.#attempt.onTrailers(trailers);
    appendReceived(this.trailer, trailers);
  }

  #onReadable(): void {
    this.#attempt.onAnswer();
    if (this.#tailBytes === undefined) this.#serve();
    else this.#discard();
  }

  #discard(): void {
    let budget = this.#tailBytes as number;
    for (let chunk = this.#stream.read(); chunk !== null; chunk = this.#stream.read()) budget -= chunk.length;
    this.#tailBytes = budget;
    if (budget < 0) this.giveUp();
  }

  #onEnd(): void {
    const stream = this.#stream;
    this.#attempt.onEnded(this.#hasRegularEnd, stream.writableFinished);
    // connect aborts the signal of every call that succeeded: nothing to hear any more.
    if (this.#attempt.ended && !this.isUnread) this.#attempt.unfollow();
    this.#serve();
    // The server answered without waiting for the whole request: nothing else would end what is left of it.
    if (this.#attempt.ended && !stream.writableFinished && !stream.closed) stream.close(ResetCode.CANCEL);
    // Node.js waits until a request is sent, even one that was cut off by a reset with NO_ERROR: for ever.
    if (stream.closed && !stream.writableFinished) stream.destroy();
  }

  #onClose(): void {
    this.#attempt.onClosed(this.#stream);
    if (!this.#attempt.ended) this.#fail(this.#attempt.streamError(this.#cause));
  }

  #read(): Chunk | undefined {
    const value: Uint8Array | null = this.#rest.shift() ?? this.#stream.read();
    if (value !== null) return { done: false, value };
    return this.#attempt.ended ? done : undefined;
  }

  #serve(): void {
    if (this.#wanted === undefined) return;
    const chunk = this.#read();
    if (chunk === undefined) return;
    const { resolve } = this.#wanted;
    this.#wanted = undefined;
    resolve(chunk);
  }

  #fail(error: ConnectError): void {
    this.#error ??= error;
    this.#reject(this.#error);
    this.#wanted?.reject(this.#error);
    this.#wanted = undefined;
  }
}

const noHeaders = new Headers();
