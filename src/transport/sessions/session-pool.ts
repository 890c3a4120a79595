import { type BackoffOptions, backoffMs } from "../../backoff.ts";
import type { Connectivity } from "../../balancer/member.ts";
import type { Clock, Timer } from "../../clock.ts";
import type { Endpoint } from "../../endpoint.ts";
import { hostAndPort } from "../../host-and-port.ts";
import type { RandomSource } from "../../random-source.ts";
import type { Dial } from "./dial.ts";
import { OutOfBand, type ReportsWanted } from "./out-of-band.ts";
import { PartingSockets } from "./parting-sockets.ts";
import { PingPace, type PingPaces } from "./ping-pace.ts";
import { ReportReader } from "./read-report.ts";
import { Session, type SessionEnd, type SessionEnv } from "./session.ts";
import type { SessionOptions } from "./session-options.ts";

/** Between two tries to reach an endpoint: gRPC's curve, but sooner, as a pod's container may be back under the same IP at once. */
const reconnectBackoff: BackoffOptions = { baseMs: 500, multiplier: 1.6, maxMs: 15_000, jitter: 0.2 };

/** A server that closes a session unused for longer than this is tidying up: the next call may open one anew. */
const quietMs = 60_000;

export interface PoolListener {
  onConnectivity(endpoint: Endpoint, connectivity: Connectivity, reason: string | undefined): void;
  onSessionOpened(endpoint: Endpoint): void;
  onSessionClosed(endpoint: Endpoint, end: SessionEnd, wasOpen: boolean): void;
  onPong(endpoint: Endpoint, durationMs: number): void;
  /** No session could be made in place of an older one, which stays. Told once for each renewal. */
  onRenewalFailed(endpoint: Endpoint, reason: string): void;
  /** A retired pool's last session is gone. */
  onDrained(pool: SessionPool): void;
}

export interface PoolEnv {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly dial: Dial;
  readonly options: SessionOptions;
  /** Whether a lost session is followed by another one at once. Default true. Otherwise the next call that wants one has it opened. */
  readonly reopens?: boolean | undefined;
  /** How often endpoints are pinged, as far as that is known from before. Default: nothing is. */
  readonly pingPaces?: PingPaces | undefined;
  /** Default: no server is asked for reports. */
  readonly reports?: ReportsWanted | undefined;
  readonly listener: PoolListener;
}

type Waiter = (session: Session | undefined) => void;

/**
 * The HTTP/2 sessions of one endpoint. One is kept open while the endpoint is listed; more are opened when the peer's limit of
 * concurrent streams is reached, and idle out again. Others only read its fields.
 */
export class SessionPool {
  readonly endpoint: Endpoint;
  /** `10.0.0.1:80` */
  readonly address: string;
  readonly reports = new ReportReader();
  readonly sessions: Session[] = [];
  connectivity: Connectivity = "idle";
  /** Why the last connection could not be made, or undefined. */
  lastFailure: string | undefined;
  readonly #env: PoolEnv;
  readonly #sessionEnv: SessionEnv;
  readonly #pingPace: PingPace;
  readonly #outOfBand: OutOfBand | undefined;
  /** Sessions to be replaced, and why. They serve until a newer one is open. */
  readonly #outdated = new Map<Session, string>();
  readonly #waiters = new Set<Waiter>();
  #isQueued = false;
  /** Connections in a row that carried no call, or did harm. */
  #fruitless = 0;
  #retry: Timer | undefined;
  #retired = false;
  /** What the peer allowed last, to guess how many sessions a queue needs. */
  #streamsPerSession = 100;

  constructor(endpoint: Endpoint, env: PoolEnv) {
    this.endpoint = endpoint;
    this.address = hostAndPort(endpoint.address, endpoint.port);
    this.#env = env;
    const { pingIntervalMs } = env.options;
    this.#pingPace = env.pingPaces?.of(this.address, pingIntervalMs) ?? new PingPace(pingIntervalMs);
    this.#sessionEnv = {
      clock: env.clock,
      options: env.options,
      pingIntervalMs: () => this.#pingPace.intervalMs,
      parting: new PartingSockets(env.clock),
    };
    this.#outOfBand = env.reports && new OutOfBand(env.reports, this, env);
  }

  /** Whether a call can go out here without a new connection, now or as soon as another call ends. */
  get isOpen(): boolean {
    return this.sessions.some((session) => session.phase === "open");
  }

  /** All sessions that there may be are there, none of them has room, and none is on its way: a call has a place when another one ends. */
  get isFull(): boolean {
    return (
      this.sessions.length >= this.#env.options.maxSessionsPerEndpoint &&
      this.sessions.every((session) => session.phase !== "connecting" && !session.hasRoom())
    );
  }

  /** A session is to be opened for it, but {@link WarmUp} decides when. */
  get isQueued(): boolean {
    return this.#isQueued && !this.#retired;
  }

  /** Counts as connecting from here on, so that calls prefer those that are ready. */
  enqueue(): void {
    this.#isQueued = true;
    this.#publish();
  }

  /** Opens a session if one is wanted, and no failed try is to be waited for. True if it did. */
  connect(): boolean {
    if (this.#retired || this.#retry !== undefined || this.#isProvided()) return false;
    this.#isQueued = false;
    this.#open();
    return true;
  }

  /** A place for one stream, on the first session that has room. Sessions are filled in order, so that surplus ones fall idle. */
  take(): Session | undefined {
    if (this.#waiters.size > 0) return undefined;
    return this.#takeRoom();
  }

  /** Waits in line for a place. Undefined when this endpoint can't have one soon, or the signal aborts. */
  wait(signal: AbortSignal): Promise<Session | undefined> {
    return new Promise((resolve) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        resolve(undefined);
      };
      const waiter: Waiter = (session) => {
        signal.removeEventListener("abort", leave);
        resolve(session);
      };
      if (signal.aborted) return resolve(undefined);
      signal.addEventListener("abort", leave, { once: true });
      this.#waiters.add(waiter);
      this.#serve();
    });
  }

  /**
   * Replaces the present sessions, make-before-break: after `delayMs` a successor is opened, and once it is open an old session retires;
   * then the next one is replaced. A successor that fails is tried again, with backoff.
   */
  renew(reason: string, delayMs: number): void {
    for (const session of this.sessions) {
      if (session.phase === "open" || session.phase === "connecting") this.#outdated.set(session, reason);
    }
    this.#fruitless = 0;
    if (this.#outdated.size > 0 && this.#retry === undefined) this.#connectIn(delayMs);
  }

  /** Finds out which sessions are still alive. */
  probe(): void {
    for (const session of this.sessions) session.probe();
  }

  /** The endpoint departed: calls in flight may end, then the sessions close. */
  retire(reason: string): void {
    this.#retired = true;
    this.#retry?.cancel();
    this.#outOfBand?.stop();
    this.#dismissWaiters();
    for (const session of [...this.sessions]) session.retire(reason);
    this.#checkDrained();
  }

  /** Cuts everything. */
  destroy(reason: string): void {
    this.retire(reason);
    for (const session of [...this.sessions]) session.destroy(reason);
  }

  #open(): void {
    try {
      this.sessions.push(new Session(this.#env.dial(this.endpoint), this.#sessionListener, this.#sessionEnv));
    } catch (error) {
      // An address that makes no URL, or a certificate that Node.js can't read.
      this.#noteFailure((error as Error).message);
      this.#openLater(this.#env.clock.now());
    }
    this.#publish();
  }

  readonly #sessionListener = {
    onOpen: (session: Session) => {
      this.lastFailure = undefined;
      this.#streamsPerSession = session.maxStreams;
      this.#env.listener.onSessionOpened(this.endpoint);
      this.#replaceOutdated(session);
      this.#publish();
      this.#serve();
      this.#outOfBand?.onOpen();
    },
    onRoom: () => {
      if (this.#waiters.size > 0) this.#serve();
    },
    onPong: (durationMs: number) => this.#env.listener.onPong(this.endpoint, durationMs),
    onLeaving: (session: Session, end: SessionEnd) => {
      this.#outdated.delete(session);
      if (end.tooManyPings) this.#pingPace.slowDown(session.beganAtPingIntervalMs);
      if (!this.#retired && !this.#isProvided()) this.#succeed(session, end);
      this.#publish();
      this.#serve();
      this.#outOfBand?.onLeaving(session);
    },
    onClosed: (session: Session, end: SessionEnd) => {
      this.sessions.splice(this.sessions.indexOf(session), 1);
      this.#env.listener.onSessionClosed(this.endpoint, end, session.wasOpen);
      this.#checkDrained();
    },
  };

  /** The last session that took streams is leaving: open another now, later, or on demand. */
  #succeed(session: Session, end: SessionEnd): void {
    const quiet = session.streams === 0 && this.#env.clock.now() - session.lastUsedMs > quietMs;
    if (end.cause === "retired" || (end.cause === "goaway" && quiet)) return;
    const harmful = end.cause === "violation";
    // One that never stood has to count as a failure: calls would wait for it otherwise, and not be told.
    if (this.#env.reopens === false && session.wasOpen && !harmful) return;
    if (harmful || (end.cause === "lost" && !session.wasOpen)) this.#noteFailure(end.reason);
    if (session.worked && !harmful) {
      this.#fruitless = 0;
      this.#open();
    } else {
      this.#openLater(harmful ? this.#env.clock.now() : session.openedAtMs);
    }
  }

  #noteFailure(reason: string): void {
    if (!this.isOpen) this.lastFailure = reason;
    else if (this.#fruitless === 0) this.#env.listener.onRenewalFailed(this.endpoint, reason);
  }

  /** A successor is open, so one outdated session may go; those without calls may go too, as they need no successor. */
  #replaceOutdated(opened: Session): void {
    if (this.#outdated.has(opened)) return;
    let successors = 1;
    for (const [session, reason] of this.#outdated) {
      if (session.streams === 0 || successors-- > 0) session.retire(reason);
    }
    if (this.#outdated.size > 0) this.connect();
  }

  /** After a session that carried no call, or did harm, the next one waits: otherwise connections would follow one another without a pause. */
  #openLater(lastTryMs: number): void {
    this.#fruitless++;
    const pauseMs = backoffMs(this.#fruitless, reconnectBackoff, this.#env.random);
    this.#connectIn(Math.max(0, lastTryMs + pauseMs - this.#env.clock.now()));
  }

  #connectIn(delayMs: number): void {
    this.#retry?.cancel();
    this.#retry = this.#env.clock.after(delayMs, () => {
      this.#retry = undefined;
      this.connect();
    });
  }

  /** Whether a session is open or on its way. */
  #hasHope(): boolean {
    return this.sessions.some((session) => session.phase === "open" || session.phase === "connecting");
  }

  /** Whether the sessions that should be there are open or on their way: one at least, and a successor while there are outdated ones. */
  #isProvided(): boolean {
    const lasting = this.sessions.filter((session) => !this.#outdated.has(session));
    return lasting.some(({ phase }) => phase === "connecting" || (phase === "open" && this.#outdated.size === 0));
  }

  #takeRoom(): Session | undefined {
    for (const session of this.sessions) {
      if (!session.hasRoom()) continue;
      session.reserve();
      return session;
    }
    return undefined;
  }

  /** Gives places to those in line, opens sessions for the rest, or sends them elsewhere. */
  #serve(): void {
    for (const waiter of this.#waiters) {
      const session = this.#takeRoom();
      if (session === undefined) break;
      this.#waiters.delete(waiter);
      waiter(session);
    }
    if (this.#waiters.size === 0) return;
    if (!this.#hasHope()) this.#dismissWaiters();
    else this.#widen();
  }

  #widen(): void {
    // Its end is reported soon, and decides how to go on.
    if (this.sessions.some((session) => session.phase === "open" && session.lost)) return;
    const connecting = this.sessions.filter((session) => session.phase === "connecting").length;
    const wanted = Math.ceil(this.#waiters.size / Math.max(1, this.#streamsPerSession)) - connecting;
    const allowed = this.#env.options.maxSessionsPerEndpoint - this.sessions.length;
    for (let i = Math.min(wanted, allowed); i > 0; i--) this.#open();
  }

  #dismissWaiters(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter(undefined);
  }

  #checkDrained(): void {
    if (this.#retired && this.sessions.length === 0) this.#env.listener.onDrained(this);
  }

  #publish(): void {
    const connectivity = this.#currentConnectivity();
    if (connectivity === this.connectivity || this.#retired) return;
    this.connectivity = connectivity;
    this.#env.listener.onConnectivity(this.endpoint, connectivity, this.lastFailure);
  }

  /** After a failure it stays unreachable until a session is open: a try is not yet a success (gRPC's sticky TRANSIENT_FAILURE). */
  #currentConnectivity(): Connectivity {
    if (this.isOpen) return "ready";
    if (this.lastFailure !== undefined) return "unreachable";
    return this.#isQueued || this.#retry !== undefined || this.#hasHope() ? "connecting" : "idle";
  }
}
