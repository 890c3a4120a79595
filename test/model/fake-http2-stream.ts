import { Duplex } from "node:stream";

const NO_ERROR = 0;
const INTERNAL_ERROR = 2;
const REFUSED_STREAM = 7;
const CANCEL = 8;

/** The session, as its streams know it. */
export interface StreamOwner {
  readonly goawayCode: number;
  readonly destroyCode: number;
  readonly lastStreamId: number;
  later(task: () => void): void;
  forget(stream: FakeHttp2Stream): void;
}

/**
 * A client's HTTP/2 stream without a wire: what `src/transport` uses of Node's, with Node's own order of events, and what its server
 * can do to it. A stream of a session that is over has no id, and fails a moment later.
 */
export class FakeHttp2Stream extends Duplex {
  readonly id: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Node.js sets it for streams that a server opened; on a client's own it stays false. */
  readonly endAfterHeaders = false;
  /** The server sent headers. */
  responded = false;
  /** The server sent END_STREAM. */
  answered = false;
  rstCode = NO_ERROR;
  #closed = false;
  #session: StreamOwner | undefined;
  readonly #owner: StreamOwner;
  /** The session's, as it was when this stream ended. */
  #lastStreamId = Number.POSITIVE_INFINITY;

  constructor(session: StreamOwner, id: number | undefined, headers: readonly string[]) {
    super({ allowHalfOpen: true, autoDestroy: false });
    this.#session = session;
    this.#owner = session;
    this.id = id;
    this.headers = Object.fromEntries(headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? ""]] : [])));
    // The types of Duplex call it a property, so that no accessor can stand in the class.
    Object.defineProperty(this, "closed", { get: () => this.#closed });
  }

  get session(): StreamOwner | undefined {
    return this.#session;
  }
  /** The client has read the answer to its regular end. */
  get wasAnswered(): boolean {
    return this.answered && this.readableEnded;
  }
  /** The server said that it did not look at it. */
  get wasNotProcessed(): boolean {
    return !this.responded && (this.rstCode === REFUSED_STREAM || (this.id ?? Number.POSITIVE_INFINITY) > this.#lastStreamId);
  }

  /** As {@link wasNotProcessed}, also where the server said so only after the stream had ended: a client may have heard in time. */
  get wasDisowned(): boolean {
    return !this.responded && (this.wasNotProcessed || (this.id ?? Number.POSITIVE_INFINITY) > this.#owner.lastStreamId);
  }

  /** RST_STREAM from the client. The wire takes a moment. */
  close(code = NO_ERROR): void {
    if (this.#closed) return;
    this.#markClosed(code);
    this.#session?.later(() => this.#onWireClosed(code));
  }

  respond(headers: Record<string, string | number>): void {
    if (!this.#takesFrames()) return;
    this.responded = true;
    process.nextTick(() => this.emit("response", { ":status": 200, ...headers }));
  }

  send(bytes: Uint8Array): void {
    if (this.#takesFrames()) this.push(bytes);
  }

  /** END_STREAM from the server, perhaps with trailers. Both sides done, the stream is over. */
  finishAnswer(trailers?: Record<string, string>): void {
    if (!this.#takesFrames()) return;
    this.answered = true;
    if (trailers !== undefined) process.nextTick(() => this.emit("trailers", trailers));
    this.push(null);
    this.#endIfBothDid();
  }

  /** RST_STREAM from the server, or the end that a GOAWAY makes. */
  reset(code: number): void {
    if (!this.destroyed) this.#onWireClosed(code);
  }

  /** The connection went: a stream that is still open closes with the code. */
  cut(code: number): void {
    if (!this.#closed) this.#markClosed(code);
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, callback: () => void): void {
    callback();
  }

  override _final(callback: () => void): void {
    callback();
    this.#session?.later(() => this.#endIfBothDid());
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const session = this.#session as StreamOwner;
    const sessionCode = session.goawayCode || session.destroyCode;
    const code = error !== null ? sessionCode || INTERNAL_ERROR : this.#closed ? this.rstCode : sessionCode;
    if (!this.#closed) this.#markClosed(code);
    this.push(null);
    this.#lastStreamId = session.lastStreamId;
    this.#session = undefined;
    session.forget(this);
    const isFault = code !== NO_ERROR && code !== CANCEL;
    callback(error ?? (isFault ? Object.assign(new Error(`stream closed with ${code}`), { code: "ERR_HTTP2_STREAM_ERROR" }) : null));
  }

  #takesFrames(): boolean {
    return !this.#closed && !this.destroyed && !this.answered;
  }

  #endIfBothDid(): void {
    if (this.answered && this.writableFinished && !this.destroyed) this.#onWireClosed(NO_ERROR);
  }

  #markClosed(code: number): void {
    this.#closed = true;
    this.rstCode = code;
    if (!this.writableEnded) this.end();
  }

  #onWireClosed(code: number): void {
    if (this.destroyed) return;
    if (!this.#closed) this.#markClosed(code);
    if (!this.readable || code !== NO_ERROR) {
      this.destroy();
      return;
    }
    // What has come is still read; the stream is over once that is gone.
    this.on("end", () => this.destroy());
    this.push(null);
    this.read(0);
  }
}
