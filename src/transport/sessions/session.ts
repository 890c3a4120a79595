import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { Clock, Timer } from "../../clock.ts";
import { closedBeforeSettings, explainConnectFailure, noHttp2 } from "./connect-failure.ts";
import { countFrames } from "./count-frames.ts";
import { type DisconnectError, goawayError, socketError } from "./disconnect-error.ts";
import { Keepalive } from "./keepalive.ts";
import type { PartingSockets } from "./parting-sockets.ts";
import { ResetCode, resetCodeName } from "./reset-code.ts";
import type { SessionOptions } from "./session-options.ts";
import { hasRoom, nextPhase, type SessionEvent, type SessionPhase } from "./session-state.ts";
import { UnreadCancels } from "./unread-cancels.ts";

/** Why a session ended or takes no more streams. */
export interface SessionEnd {
  /**
   * `retired`: our own wish. `goaway`: the peer's wish, without an error. `violation`: the peer broke the rules of HTTP/2, or
   * the bounds that we set. `lost`: anything else.
   */
  readonly cause: "retired" | "goaway" | "violation" | "lost";
  /** One sentence for logs, events and errors. */
  readonly reason: string;
  readonly disconnectError: DisconnectError;
  /** The peer complained of our pings: `ENHANCE_YOUR_CALM`, `too_many_pings`. */
  readonly tooManyPings?: boolean;
}

export interface SessionListener {
  /** The peer's SETTINGS are here. */
  onOpen(session: Session): void;
  /** A stream ended, or the peer raised its limit. */
  onRoom(session: Session): void;
  /** A ping was answered. */
  onPong(durationMs: number): void;
  /** No new streams from here on; exactly once, before {@link onClosed}. */
  onLeaving(session: Session, end: SessionEnd): void;
  /** Over, exactly once. Its streams have ended or are about to. */
  onClosed(session: Session, end: SessionEnd): void;
}

export interface SessionEnv {
  readonly clock: Clock;
  readonly options: SessionOptions;
  /** The interval in force for the endpoint, which the peer may have made longer. */
  readonly pingIntervalMs: () => number;
  /** Where its socket goes once the session is over. */
  readonly parting: PartingSockets;
}

/** What Node.js shows for a setting that the peer left out. */
const noLimit = 2 ** 32 - 1;

/** A stream beside calls takes a place of theirs at the server: where there are fewer, all are left to them. */
const minStreamsBeside = 10;

/** Errors of Node.js that blame what the peer sent. */
const violations: ReadonlySet<string | undefined> = new Set([
  "ERR_HTTP2_ERROR",
  "ERR_HTTP2_TOO_MANY_INVALID_FRAMES",
  "ERR_HTTP2_TOO_MANY_ORIGINS",
]);

const ending = { endStream: true };
const going = { endStream: false };

/** One HTTP/2 connection: the shell of sockets and timers around `session-state.ts`. Others only read its fields. */
export class Session {
  readonly openedAtMs: number;
  /** The interval in force when it was opened. */
  readonly beganAtPingIntervalMs: number;
  phase: SessionPhase = "connecting";
  streams = 0;
  maxStreams = 0;
  /** The peer's SETTINGS came, whatever they allowed. */
  wasOpen = false;
  lastUsedMs: number;
  /** Why it ended or drains, if it does: the first reason, since those that follow are consequences. */
  end: SessionEnd | undefined;
  #served = 0;
  /** Open, and no call: see {@link openBeside}. */
  #beside: ClientHttp2Stream | undefined;
  #goawayLastStreamId = Number.POSITIVE_INFINITY;
  #connectTimer: Timer | undefined;
  #idleTimer: Timer | undefined;
  /** Once it is connected. */
  #socket: TLSSocket | undefined;
  readonly #native: ClientHttp2Session;
  readonly #listener: SessionListener;
  readonly #env: SessionEnv;
  readonly #keepalive: Keepalive;
  readonly #onInformational: () => void;
  readonly #unreadCancels: UnreadCancels;

  constructor(native: ClientHttp2Session, listener: SessionListener, env: SessionEnv) {
    this.#native = native;
    this.#listener = listener;
    this.#env = env;
    this.openedAtMs = this.lastUsedMs = env.clock.now();
    this.beganAtPingIntervalMs = env.pingIntervalMs();
    this.#keepalive = new Keepalive({
      clock: env.clock,
      intervalMs: env.pingIntervalMs,
      timeoutMs: env.options.pingTimeoutMs,
      wanted: () => this.streams > 0 || env.options.pingIdleConnection || native.destroyed,
      ping: (onAck) => this.#ping(onAck),
      onDead: () => this.destroy(`no answer to a ping within ${env.options.pingTimeoutMs} ms`, "connection timed out"),
    });
    this.#connectTimer = env.clock.after(env.options.connectTimeoutMs, () =>
      this.destroy(`no HTTP/2 settings within ${env.options.connectTimeoutMs} ms (connectTimeoutMs)`, "connection timed out"),
    );
    this.#onInformational = countFrames(native, env.clock, (reason) => this.#cut("violation", reason, "unknown"));
    this.#unreadCancels = new UnreadCancels(env.clock, () => this.#onRoom());
    this.#listen();
    // What keeps the process alive is a call, not a connection: see activity.ts.
    native.unref();
  }

  /** How large a request's headers may be, as the peer counts; Infinity where it does not say. */
  get maxHeaderListBytes(): number {
    const { maxHeaderListSize = noLimit } = this.#native.remoteSettings;
    return maxHeaderListSize === noLimit ? Number.POSITIVE_INFINITY : maxHeaderListSize;
  }

  /** Whether it has or had streams that the peer did not refuse by its GOAWAY. */
  get worked(): boolean {
    return this.#served + this.streams > 0 && this.#goawayLastStreamId > 0;
  }

  /** The connection is gone, so that streams that end now were cut. */
  get lost(): boolean {
    return this.#native.destroyed;
  }

  hasRoom(): boolean {
    return hasRoom(this.phase, this.#openStreams + this.unreadCancels, this.maxStreams) && this.#isAlive;
  }

  /** As the server counts them, and promised ones. */
  get #openStreams(): number {
    return this.streams + (this.#beside === undefined ? 0 : 1);
  }

  /** Cancelled streams that count as open still. Without an open stream they don't: no answer could show that the cancels were read. */
  get unreadCancels(): number {
    return this.streams === 0 ? 0 : this.#unreadCancels.count;
  }

  /** Node.js reports the end of a session only once the socket is closed, so that the phase may be out of date. */
  get #isAlive(): boolean {
    return !this.#native.closed && !this.#native.destroyed;
  }

  /** Takes a place for one stream; {@link release} gives it back. Only after {@link hasRoom}. */
  reserve(): void {
    if (this.streams++ === 0) this.#wake();
  }

  /** @param cancelled by us: the server need not know yet, and may count the stream a while longer */
  release(cancelled = false): void {
    this.#served++;
    if (cancelled && this.phase === "open") this.#unreadCancels.add();
    if (--this.streams === 0) {
      this.lastUsedMs = this.#env.clock.now();
      this.#advance("drained");
    }
    this.#onRoom();
  }

  #onRoom(): void {
    if (this.phase === "open") this.#listener.onRoom(this);
  }

  /** Whether a reserved place may still be used: the session may have left since, or the peer may have lowered its limit. */
  get keepsPlaces(): boolean {
    return this.phase === "open" && this.#openStreams <= this.maxStreams && this.#isAlive;
  }

  /**
   * Opens a stream on a reserved place, while {@link keepsPlaces}. Throws for headers that HTTP/2 does not allow.
   *
   * @param headers names and values in turn; calls may share them
   */
  request(headers: readonly string[], endStream: boolean): ClientHttp2Stream {
    const stream = this.#native.request(headers, endStream ? ending : going).on("headers", this.#onInformational);
    const onAnswer = this.#unreadCancels.opened();
    if (onAnswer !== undefined) stream.once("response", onAnswer);
    return stream;
  }

  /**
   * Opens a stream that is no call: it keeps neither the session nor the process, and counts as no use of it. One at a time. Undefined where calls need
   * the place. Whoever opened it ends it when the session leaves.
   */
  openBeside(headers: readonly string[]): ClientHttp2Stream | undefined {
    if (this.maxStreams < minStreamsBeside || !this.hasRoom()) return undefined;
    const stream = this.request(headers, false);
    this.#beside = stream;
    return stream.once("close", () => {
      this.#beside = undefined;
      if (stream.rstCode === ResetCode.CANCEL && this.phase === "open") this.#unreadCancels.add();
      this.#onRoom();
    });
  }

  /**
   * The peer said, by GOAWAY, that it will not look at this stream (RFC 9113, 6.8). The first GOAWAY of two leaves it open which stream is the last: what is refused
   * after it, by the peer or by Node.js before it was sent, is beyond as well.
   */
  isBeyondGoaway(streamId: number | undefined, resetCode: number): boolean {
    const lastId = this.#goawayLastStreamId;
    if (streamId === undefined || streamId > lastId) return true;
    return resetCode === ResetCode.REFUSED_STREAM && lastId < Number.POSITIVE_INFINITY;
  }

  /** Finds out by a PING whether the peer is still there, unless pings are off. */
  probe(): void {
    if (this.phase === "open") this.#keepalive.probe();
  }

  /** Lets the open streams end, and takes no new ones. */
  retire(reason: string): void {
    this.end ??= { cause: "retired", reason, disconnectError: "subchannel shutdown" };
    this.#advance("retire");
  }

  /** Cuts the connection and every stream on it. */
  destroy(reason: string, disconnectError: DisconnectError = "socket error"): void {
    this.#cut("lost", reason, disconnectError);
  }

  #cut(cause: "violation" | "lost", reason: string, disconnectError: DisconnectError): void {
    this.end ??= { cause, reason, disconnectError };
    this.#advance("lost");
  }

  #ping(onAck: () => void): boolean {
    if (!this.#native.destroyed) return this.#native.ping((error, durationMs) => this.#onPong(error, durationMs, onAck));
    // Node.js tells of it once the socket is closed, and a peer that does not read can put that off for ever.
    this.destroy("the connection broke");
    return false;
  }

  #onPong(error: Error | null, durationMs: number, onAck: () => void): void {
    onAck();
    if (error === null) this.#listener.onPong(durationMs);
  }

  #listen(): void {
    const native = this.#native;
    native.on("connect", (_, socket) => this.#onConnect(socket as TLSSocket));
    native.on("remoteSettings", (settings) => this.#onSettings(settings.maxConcurrentStreams));
    native.on("goaway", (code, lastStreamId, data) => this.#onGoaway(code, lastStreamId, data));
    native.on("error", (error) => this.#onError(error));
    native.on("close", () => this.#onClose());
  }

  #onConnect(socket: TLSSocket): void {
    this.#socket = socket;
    // Some alerts, such as TLS 1.3's late "certificate required", end the session without any event of its own.
    socket.on("error", (error) => this.#onError(error));
    socket.on("close", () => this.#onClose());
    if (!this.#native.encrypted || socket.alpnProtocol === "h2") return;
    this.destroy(noHttp2(socket.alpnProtocol || "nothing"));
  }

  #onError(error: NodeJS.ErrnoException): void {
    const explanation = this.wasOpen ? undefined : explainConnectFailure(error);
    if (violations.has(error.code)) {
      this.#cut("violation", explanation ?? `the server broke the rules of HTTP/2: ${describe(error)}`, "unknown");
    } else this.destroy(explanation ?? describe(error), socketError(error.code));
  }

  #onClose(): void {
    const isEarly = !this.wasOpen && this.#native.encrypted === false;
    this.destroy(isEarly ? closedBeforeSettings : "the server closed the connection");
  }

  #onSettings(maxConcurrentStreams: number | undefined): void {
    const grew = (maxConcurrentStreams ?? Number.POSITIVE_INFINITY) > this.maxStreams;
    this.maxStreams = maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
    if (this.maxStreams < minStreamsBeside) this.#beside?.close(ResetCode.CANCEL);
    if (this.phase === "connecting") this.#advance("settings");
    else if (grew) this.#onRoom();
  }

  #onGoaway(code: number, lastStreamId: number, data: NodeJS.ArrayBufferView | undefined): void {
    this.#goawayLastStreamId = Math.min(this.#goawayLastStreamId, lastStreamId);
    const text = data === undefined ? "" : Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, 64)).toString("latin1");
    const reason = `the server sent GOAWAY (${resetCodeName(code)}${text === "" ? "" : `, ${JSON.stringify(text)}`})`;
    const tooManyPings = code === ResetCode.ENHANCE_YOUR_CALM && text === "too_many_pings";
    this.end ??= { cause: code === ResetCode.NO_ERROR ? "goaway" : "lost", reason, disconnectError: goawayError(code), tooManyPings };
    this.#advance("goaway");
  }

  #advance(event: SessionEvent): void {
    const before = this.phase;
    this.phase = nextPhase(before, event);
    if (this.phase === before) return;
    if (this.phase === "open") this.#onOpen();
    else this.#onLeft(before);
  }

  #onOpen(): void {
    this.wasOpen = true;
    this.#connectTimer?.cancel();
    this.#keepalive.start();
    this.#watchIdle();
    this.#listener.onOpen(this);
  }

  #onLeft(before: SessionPhase): void {
    const end = this.end as SessionEnd;
    if (this.phase === "closed") this.#tearDown();
    // A session that we retire is closed later: a place on it may be reserved, and its stream would find the connection closing.
    else if (end.cause !== "retired" && this.#isAlive) this.#native.close();
    if (before !== "draining") this.#listener.onLeaving(this, end);
    if (this.phase === "closed") this.#listener.onClosed(this, end);
    else if (this.streams === 0) this.#advance("drained");
  }

  #tearDown(): void {
    this.#connectTimer?.cancel();
    this.#idleTimer?.cancel();
    this.#keepalive.stop();
    this.#unreadCancels.stop();
    const inOrder = this.end?.cause === "retired" || this.end?.cause === "goaway";
    // Before it is connected, a GOAWAY would be kept, and sent once it is.
    if (inOrder && this.streams === 0 && this.#socket !== undefined) this.#native.close();
    else this.#native.destroy();
    if (this.#socket !== undefined) this.#env.parting.add(this.#socket);
  }

  /** After a long silence the connection may be dead without our knowing: sends a PING, while the first call is already on its way. */
  #wake(): void {
    const silentMs = this.#env.clock.now() - this.lastUsedMs;
    const intervalMs = this.#env.pingIntervalMs();
    if (intervalMs > 0 && silentMs > intervalMs) this.probe();
  }

  #watchIdle(): void {
    const limitMs = this.#env.options.idleConnectionTimeoutMs;
    if (limitMs <= 0) return;
    const idleMs = this.streams > 0 ? 0 : this.#env.clock.now() - this.lastUsedMs;
    if (idleMs >= limitMs) {
      this.retire(`idle for ${limitMs} ms (idleConnectionTimeoutMs)`);
      return;
    }
    // At least 1: a remainder from rounding may be too small to change the clock's reading.
    this.#idleTimer = this.#env.clock.after(Math.max(1, limitMs - idleMs), () => this.#watchIdle());
  }
}

function describe(error: Error & { code?: string }): string {
  // An AggregateError of connect has no message of its own, only its code.
  return error.message || error.code || error.name;
}
