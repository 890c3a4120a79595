import { EventEmitter } from "node:events";
import type { Endpoint } from "../../src/endpoint.ts";
import { FakeHttp2Stream } from "./fake-http2-stream.ts";

const NO_ERROR = 0;
const INTERNAL_ERROR = 2;
const REFUSED_STREAM = 7;
const CANCEL = 8;

/** How the client ended a session: the first of `close()` and `destroy()` that it called on a session that was not leaving. */
export type ClientEnd = "closed" | "destroyed";

/** What a fake session needs of its network. */
export interface FakeHttp2SessionEnv {
  /** Runs a task at the end of the current step, in order: the wire and the event loop take a moment. */
  readonly later: (task: () => void) => void;
  /** The client broke a rule that Node.js or HTTP/2 sets. */
  readonly onMisuse: (what: string) => void;
  /** The client sent a ping, which waits for {@link FakeHttp2Session.answerPing}. */
  readonly onPing: (session: FakeHttp2Session) => void;
  /** The client opened a stream. */
  readonly onStream: (stream: FakeHttp2Stream) => void;
  /** The server's settings came, again perhaps. Told before the client hears of it. */
  readonly onSettings: (session: FakeHttp2Session) => void;
  /** The session takes no more streams, for whatever reason; once, and told before the client hears of it. */
  readonly onLeft: (session: FakeHttp2Session) => void;
  readonly nowMs: () => number;
}

class FakeSocket extends EventEmitter {
  destroyed = false;

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit("close");
  }
}

/**
 * A `ClientHttp2Session` without a socket: what `src/transport` uses of Node's, with Node's order of events (24.21: `request()` on a
 * session that is over does not throw but fails the stream), and what its server and its network can do to it.
 */
export class FakeHttp2Session extends EventEmitter {
  readonly endpoint: Endpoint;
  readonly encrypted = false;
  readonly socket = new FakeSocket();
  readonly remoteSettings = {};
  /** Every stream that the client opened on the wire, in order. */
  readonly streams: FakeHttp2Stream[] = [];
  connecting = true;
  closed = false;
  destroyed = false;
  destroyCode = NO_ERROR;
  goawayCode = NO_ERROR;
  /** The lowest of the last stream ids that GOAWAYs named. */
  lastStreamId = Number.POSITIVE_INFINITY;
  isGoingAway = false;
  brokeProtocol = false;
  hasSettings = false;
  maxConcurrentStreams = 0;
  clientEnd: ClientEnd | undefined;
  /** When a stream ended last, or the session was dialled. */
  lastUsedMs: number;
  #hasLeft = false;
  readonly #open = new Set<FakeHttp2Stream>();
  readonly #pings: (() => void)[] = [];
  readonly #env: FakeHttp2SessionEnv;

  constructor(endpoint: Endpoint, env: FakeHttp2SessionEnv) {
    super();
    this.endpoint = endpoint;
    this.#env = env;
    this.lastUsedMs = env.nowMs();
    this.socket.on("error", () => {});
  }

  get openStreams(): ReadonlySet<FakeHttp2Stream> {
    return this.#open;
  }
  get awaitsPong(): boolean {
    return this.#pings.length > 0;
  }
  /** Takes streams: the server's settings are here, and nobody wants it to end. */
  get isOpen(): boolean {
    return this.hasSettings && !this.isLeaving;
  }
  get isLeaving(): boolean {
    return this.isGoingAway || this.closed || this.destroyed;
  }

  // The client's side.

  request(headers: readonly string[], options: { readonly endStream: boolean }): FakeHttp2Stream {
    this.#judgeRequest();
    const isOver = this.closed || this.destroyed;
    const stream = new FakeHttp2Stream(this, isOver ? undefined : 2 * this.streams.length + 1, headers);
    if (options.endStream) stream.end();
    this.#open.add(stream);
    if (isOver) process.nextTick(() => stream.destroy(new Error("the session is over")));
    else this.streams.push(stream);
    this.#env.onStream(stream);
    return stream;
  }

  ping(callback: () => void): boolean {
    if (this.destroyed) throw new Error("the session has been destroyed");
    if (this.connecting || this.closed) {
      process.nextTick(callback);
    } else {
      this.#pings.push(callback);
      this.#env.onPing(this);
    }
    return true;
  }

  close(): void {
    if (this.closed || this.destroyed) return;
    this.#noteClientEnd("closed");
    this.#close();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.#noteClientEnd("destroyed");
    this.#destroy(undefined, NO_ERROR);
  }

  ref(): void {}
  unref(): void {}

  // The server's and the network's side.

  accept(): void {
    if (!this.connecting || this.destroyed) return;
    this.connecting = false;
    this.emit("connect", this, this.socket);
  }

  sendSettings(maxConcurrentStreams: number): void {
    if (this.destroyed) return;
    this.accept();
    this.hasSettings = true;
    this.maxConcurrentStreams = maxConcurrentStreams;
    this.#env.onSettings(this);
    this.emit("remoteSettings", { maxConcurrentStreams });
  }

  sendGoaway(code: number, lastStreamId: number, debugData: string): void {
    if (this.destroyed) return;
    this.isGoingAway = true;
    this.goawayCode = code;
    this.lastStreamId = Math.min(this.lastStreamId, lastStreamId);
    this.#leave();
    this.emit("goaway", code, lastStreamId, Buffer.from(debugData));
    if (code !== NO_ERROR) return this.#destroy(new Error(`session closed with error code ${code}`), NO_ERROR);
    this.#close();
    for (const stream of [...this.#open]) if ((stream.id ?? 0) > lastStreamId) stream.reset(REFUSED_STREAM);
  }

  answerPing(): void {
    this.#pings.shift()?.();
  }

  /** FIN or RST without an error that Node.js would tell. */
  closeSocket(): void {
    if (this.destroyed) return;
    const error = this.connecting ? new Error("socket closed") : undefined;
    for (const stream of this.#open) stream.cut(CANCEL);
    this.closed = true;
    this.#destroy(error, NO_ERROR);
    this.socket.destroy();
  }

  /** ECONNREFUSED, ECONNRESET. */
  failSocket(message: string): void {
    if (this.destroyed) return;
    const error = new Error(message);
    this.#destroy(error, INTERNAL_ERROR);
    this.socket.emit("error", error);
  }

  /** The server sent bytes that are no HTTP/2: Node.js destroys the session, and tells when the socket is closed. */
  breakProtocol(): void {
    if (this.connecting || this.destroyed) return;
    this.brokeProtocol = true;
    this.#destroy(Object.assign(new Error("protocol error"), { code: "ERR_HTTP2_ERROR" }), INTERNAL_ERROR);
  }

  /** A late TLS alert: the session has no event of its own. */
  alert(): void {
    if (this.connecting || this.destroyed) return;
    this.#tearDown(INTERNAL_ERROR);
    this.socket.emit("error", new Error("tlsv1.3 alert certificate required"));
    this.socket.destroy();
  }

  // For the streams.

  later(task: () => void): void {
    this.#env.later(task);
  }

  forget(stream: FakeHttp2Stream): void {
    this.#open.delete(stream);
    this.lastUsedMs = this.#env.nowMs();
    this.later(() => this.#destroyIfDone());
  }

  #judgeRequest(): void {
    const { onMisuse } = this.#env;
    if (this.connecting) onMisuse("a stream was opened before the connection stood");
    if (this.isLeaving) onMisuse("a stream was opened on a session that is going away");
    if (this.#open.size >= this.maxConcurrentStreams) onMisuse(`a stream was opened beyond the limit of ${this.maxConcurrentStreams}`);
  }

  #noteClientEnd(how: ClientEnd): void {
    if (!this.isLeaving) this.clientEnd = how;
  }

  #close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#leave();
    this.#destroyIfDone();
  }

  #leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#env.onLeft(this);
  }

  #destroyIfDone(): void {
    if (this.closed && this.#open.size === 0) this.#destroy(undefined, NO_ERROR);
  }

  #destroy(error: Error | undefined, code: number): void {
    if (this.destroyed) return;
    this.#tearDown(code, error);
    this.later(() => {
      // Node.js destroys the socket with the session's error, unless the session was closing anyhow.
      if (error !== undefined && !this.closed) this.socket.emit("error", error);
      this.socket.destroy();
      if (error !== undefined) this.emit("error", error);
      this.emit("close");
    });
  }

  #tearDown(code: number, error?: Error): void {
    this.destroyed = true;
    this.destroyCode = code;
    this.#leave();
    for (const stream of [...this.#open]) stream.destroy(error);
    for (const cancel of this.#pings.splice(0)) process.nextTick(cancel);
  }
}
