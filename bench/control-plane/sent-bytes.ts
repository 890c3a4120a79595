import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** Connections of this process's servers, and what was written to all there ever were. From now on. */
export class SentBytes {
  readonly #sockets = new Set<Socket>();
  #byClosed = 0;

  constructor() {
    subscribe("net.server.socket", (message) => {
      const { socket } = message as { readonly socket: Socket };
      this.#sockets.add(socket);
      socket.once("close", () => {
        this.#byClosed += socket.bytesWritten;
        this.#sockets.delete(socket);
      });
    });
  }

  get now(): { readonly connections: number; readonly bytesSent: number } {
    const byOpen = this.#sockets.values().reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
    return { connections: this.#sockets.size, bytesSent: this.#byClosed + byOpen };
  }
}
