import type { Clock, Timer } from "../../clock.ts";

export interface KeepaliveOptions {
  readonly clock: Clock;
  /** How often to ping, in ms; 0 turns pings off. Asked anew each time, because a peer may tell us to slow down. */
  readonly intervalMs: () => number;
  readonly timeoutMs: number;
  /** Whether the session is worth a ping now. */
  readonly wanted: () => boolean;
  /** Sends a PING; false when it can't be sent. */
  readonly ping: (onAck: () => void) => boolean;
  readonly onDead: () => void;
}

/** Notices a dead peer by unanswered PINGs (gRFC A8): within the interval and the time-out together. */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  #timer: Timer | undefined;
  #waiting: Timer | undefined;

  constructor(options: KeepaliveOptions) {
    this.#options = options;
  }

  start(): void {
    const intervalMs = this.#options.intervalMs();
    if (intervalMs <= 0) return;
    this.#timer = this.#options.clock.after(intervalMs, () => {
      this.start();
      if (this.#options.wanted()) this.probe();
    });
  }

  /** Pings now, unless an answer is awaited already. */
  probe(): void {
    if (this.#waiting !== undefined || this.#options.intervalMs() <= 0) return;
    const { clock, timeoutMs } = this.#options;
    // The second, shortest timer lets the event loop read first: after our own pause the answer may lie unread in the socket.
    this.#waiting = clock.after(timeoutMs, () => {
      this.#waiting = clock.after(1, () => this.#options.onDead());
    });
    const sent = this.#options.ping(() => this.#acknowledged());
    if (!sent) this.#acknowledged();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#acknowledged();
  }

  #acknowledged(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
  }
}
