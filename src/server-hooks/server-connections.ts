import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Session } from "node:http2";
import { Server, type Socket } from "node:net";
import { type Clock, longestTimerMs } from "../clock.ts";
import type { Drainable } from "./drain.ts";
import { leaveSession } from "./leave-session.ts";

/** What servers that speak HTTP/1.1 have, and others do not. */
interface SpeaksHttp1 {
  closeIdleConnections?(): void;
}

/** The connections of a server of `node:http`, `node:https` or `node:http2`, from now on. */
export class ServerConnections implements Drainable {
  readonly closed: Promise<void>;
  readonly #server: Server & SpeaksHttp1;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #phase: "serving" | "draining" | "leaving" = "serving";

  constructor(server: Server, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
    this.closed = new Promise((resolve) => server.once("close", () => resolve()));
    server.on("listening", () => {
      // Its start took longer than the drain. Whoever waits for this as well, by a promise even, finds it listening.
      if (this.#phase === "leaving") setImmediate(() => this.#stopListening());
    });
    server.on("connection", (socket: Socket) => hold(socket, this.#sockets));
    server.on("session", (session: ServerHttp2Session) => {
      hold(session, this.#sessions);
      // Its connection was accepted just before the server stopped listening.
      if (this.#phase === "leaving") leaveSession(session, clock);
    });
    // Where nobody listens for requests, a listener would have Node.js make one of each HTTP/2 stream.
    if (server.listenerCount("request") > 0) {
      server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => this.#onRequest(request, response));
    }
  }

  drain(): void {
    this.#phase = "draining";
  }

  leave(): void {
    this.#phase = "leaving";
    this.#holdProcess();
    this.#stopListening();
    for (const session of this.#sessions) leaveSession(session, this.#clock);
    this.#server.closeIdleConnections?.();
  }

  /** The `close` of an HTTP/2 server also closes its sessions, since Node.js 24 and in one step: see leaveSession. */
  #stopListening(): void {
    Server.prototype.close.call(this.#server);
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Node.js does not read from a connection without streams once it has sent GOAWAY: it would end the process before the client has read that. */
  #holdProcess(): void {
    // biome-ignore lint/plugin: a clock's timers hold nothing
    const hold = setInterval(() => {}, longestTimerMs);
    this.closed.then(() => clearInterval(hold));
  }

  /** A client of HTTP/1.1 is sent away by the answer to its next request, and by nothing else without the risk that it makes one just then. */
  #onRequest({ httpVersionMajor }: IncomingMessage, response: ServerResponse): void {
    if (httpVersionMajor > 1) return;
    if (this.#phase !== "serving") response.setHeader("connection", "close");
    response.once("close", () => {
      if (this.#phase === "leaving") this.#server.closeIdleConnections?.();
    });
  }
}

function hold<Held extends EventEmitter>(held: Held, by: Set<Held>): void {
  by.add(held);
  held.once("close", () => by.delete(held));
}
