import type { Socket } from "node:net";
import type { Clock, Timer } from "../../clock.ts";

/** How long a peer may take to close its side, in ms: some round trips. What has not come by then is not going to. */
export const partingMs = 1_000;

/** So many may wait for that at once, or the oldest is cut: a peer that never closes costs no more, however often it ends sessions. */
export const maxParting = 10;

/**
 * Sockets of one endpoint whose sessions are over. Node.js closes our side of them, and then waits for the peer's, or for the peer to
 * read what was sent, for ever.
 */
export class PartingSockets {
  readonly #clock: Clock;
  readonly #waiting = new Map<Socket, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sees to it that the socket closes soon. */
  add(socket: Socket): void {
    if (socket.destroyed) return;
    const timer = this.#clock.after(partingMs, () => this.#cut(socket));
    this.#waiting.set(socket, timer);
    socket.once("close", () => this.#forget(socket));
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= maxParting) break;
      this.#cut(oldest);
    }
  }

  #cut(socket: Socket): void {
    this.#forget(socket);
    socket.destroy();
  }

  #forget(socket: Socket): void {
    this.#waiting.get(socket)?.cancel();
    this.#waiting.delete(socket);
  }
}
