import { connect, createServer, type Socket } from "node:net";
import { closeServer, listenOnLoopback } from "./listen.ts";
import { Changes } from "./until.ts";

/** A TCP proxy that breaks on command, in toxiproxy's vocabulary. Faults hold for the connections there are and those to come. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Client connections that are open now. */
  open(): number;
  /** Client connections ever accepted. */
  accepted(): number;
  /** Drops every connection and refuses new ones, as a process that died. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
  /** Ends every connection by a TCP reset; new ones are served. */
  resetPeers(): void;
  /** Forwards nothing more, in either direction, and closes nothing: a half-open peer. New connections are accepted and hear nothing. */
  stall(): void;
  /** Forwards again, what was held back included. */
  resume(): void;
  /** New connections go to another server from now on. */
  redirect(upstreamPort: number): void;
  /** Adds a delay to what the server sends, in ms. */
  latency(delayMs: number): void;
  /** Closes each connection after so many bytes from the server; `Infinity` lifts the limit. */
  limitData(maxBytes: number): void;
  /** Resolves once the condition holds; looked at whenever a connection opens or closes. */
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** @param serverPort the server to forward to, on loopback */
export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
  let upstreamPort = serverPort;
  const changes = new Changes();
  const toxics: Toxics = { delayMs: 0, maxBytes: Number.POSITIVE_INFINITY };
  const links = new Set<Link>();
  let accepted = 0;
  let stalled = false;
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    accepted++;
    const link = new Link(client, upstreamPort, toxics);
    links.add(link);
    client.once("close", () => {
      links.delete(link);
      changes.announce();
    });
    if (!stalled) link.resume();
    changes.announce();
  });
  const port = await listenOnLoopback(server);
  const down = async () => {
    for (const link of links) link.destroy();
    if (server.listening) await closeServer(server);
  };
  return {
    port,
    address: `127.0.0.1:${port}`,
    open: () => links.size,
    accepted: () => accepted,
    down,
    up: async () => void (await listenOnLoopback(server, port)),
    resetPeers: () => {
      for (const link of links) link.reset();
    },
    stall: () => {
      stalled = true;
      for (const link of links) link.pause();
    },
    resume: () => {
      stalled = false;
      for (const link of links) link.resume();
    },
    redirect: (port) => {
      upstreamPort = port;
    },
    latency: (delayMs) => {
      toxics.delayMs = delayMs;
    },
    limitData: (maxBytes) => {
      toxics.maxBytes = maxBytes;
    },
    until: (condition) => changes.until(condition),
    close: down,
    [Symbol.asyncDispose]: down,
  };
}

interface Toxics {
  delayMs: number;
  maxBytes: number;
}

/** One client connection and its counterpart to the server; when one closes, so does the other. */
class Link {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #toxics: Toxics;
  #deliveredBytes = 0;

  constructor(client: Socket, upstreamPort: number, toxics: Toxics) {
    this.#client = client;
    this.#upstream = connect({ port: upstreamPort, host: "127.0.0.1", noDelay: true });
    this.#upstream.pause();
    this.#toxics = toxics;
    client.on("data", (chunk) => this.#upstream.write(chunk));
    client.on("end", () => this.#upstream.end());
    client.on("error", () => {});
    client.on("close", () => this.#upstream.destroy());
    this.#upstream.on("data", (chunk: Buffer) => this.#later(() => this.#deliver(chunk)));
    this.#upstream.on("error", () => {});
    this.#upstream.on("close", () => this.#later(() => client.end()));
  }

  pause(): void {
    this.#client.pause();
    this.#upstream.pause();
  }

  resume(): void {
    this.#client.resume();
    this.#upstream.resume();
  }

  reset(): void {
    this.#client.resetAndDestroy();
  }

  destroy(): void {
    this.#client.destroy();
  }

  #later(act: () => void): void {
    const { delayMs } = this.#toxics;
    if (delayMs > 0) setTimeout(act, delayMs);
    else act();
  }

  #deliver(chunk: Buffer): void {
    if (this.#client.destroyed) return;
    const room = Math.max(0, this.#toxics.maxBytes - this.#deliveredBytes);
    this.#deliveredBytes += chunk.length;
    if (chunk.length <= room) this.#client.write(chunk);
    else this.#client.end(chunk.subarray(0, room));
  }
}
