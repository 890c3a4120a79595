import type { Connectivity } from "../../src/balancer/member.ts";
import type { FakeHttp2Session } from "./fake-http2-session.ts";

const QUIET_MS = 60_000;
/** The shortest pause between two tries that came to nothing. */
const PAUSE_MS = 399;

/** The connectivity of one listed endpoint, worked out from what happened to its sessions and from nothing else. */
export class PoolModel {
  readonly port: number;
  readonly #reopens: boolean;
  readonly sessions: FakeHttp2Session[] = [];
  /** The last try came to nothing, and no session stood since. */
  #failed = false;
  /** Another try will be made by itself. */
  #retrying = false;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  /** @param reopens whether a lost session is followed by another one before a call wants it */
  constructor(port: number, reopens: boolean) {
    this.port = port;
    this.#reopens = reopens;
  }

  /** Whether it is too early for another try. */
  isTooSoon(nowMs: number): boolean {
    return nowMs < this.#notBeforeMs;
  }

  onDial(session: FakeHttp2Session): void {
    this.sessions.push(session);
    this.#retrying = false;
  }

  onSettings(session: FakeHttp2Session): void {
    if (session.isOpen) this.#failed = false;
  }

  onLeft(session: FakeHttp2Session, nowMs: number): void {
    if (this.sessions.some((other) => !other.isLeaving)) return;
    const isQuiet = session.openStreams.size === 0 && nowMs - session.lastUsedMs > QUIET_MS;
    const isTidyingUp = session.isGoingAway && session.goawayCode === 0 && isQuiet;
    if (session.clientEnd === "closed" || isTidyingUp) return;
    if (!session.hasSettings || session.brokeProtocol) {
      this.#failed = true;
      this.#notBeforeMs = PAUSE_MS + (session.brokeProtocol ? nowMs : session.lastUsedMs);
    } else if (!this.#reopens) return;
    this.#retrying = true;
  }

  get connectivity(): Connectivity {
    if (this.sessions.some((session) => session.isOpen)) return "ready";
    if (this.#failed) return "unreachable";
    return this.#retrying || this.sessions.some((session) => !session.isLeaving) ? "connecting" : "idle";
  }
}
