import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer, type Http2SecureServer, type Http2Server, type Http2ServerRequest, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { boundedHttp2Options, guarded, protect } from "meshless/server-hooks";
import type { Clock } from "../clock.ts";
import { withAppendix } from "../xds/shared-bytes.ts";
import { keepAlive } from "./keep-alive.ts";
import type { ListenAddress } from "./listen-address.ts";
import { connectionValues } from "./session-connection.ts";
import { TlsServer, type TlsServerOptions } from "./tls-server.ts";

/** Above what any good client sends: the names of all that it wants. */
const readMaxBytes = 4 * 1024 * 1024;

/** Never: each stream would compress the same endpoints for itself, which costs ten times what sending them does. */
const compressMinBytes = 2 ** 32 - 1;

/** Connections that wait to be accepted: all clients of a replica that went may come at once. Node.js has 511, and who finds no room tries again after a second or more. */
const backlog = 4_096;

/** HTTP/2, bounded in what one client can cost. */
export class XdsServer {
  readonly #server: Http2Server | Http2SecureServer;
  readonly #tls: TlsServer | undefined;
  readonly #sessions = new Set<ServerHttp2Session>();

  /**
   * @param tls default: without TLS
   * @throws Error that says which file of TLS can't be used
   */
  constructor(routes: (router: ConnectRouter) => void, clock: Clock, tls?: TlsServerOptions) {
    const contextValues = (request: Http2ServerRequest | IncomingMessage) => withAppendix(connectionValues(request), request);
    const handler = guarded(connectNodeAdapter({ routes, readMaxBytes, compressMinBytes, contextValues }));
    this.#tls = tls && new TlsServer(handler, clock, tls);
    this.#server = protect(this.#tls?.server ?? createServer(boundedHttp2Options(), handler));
    // TypeScript does not see that both kinds of server have the same event.
    (this.#server as Http2Server).on("session", (session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
      keepAlive(session, clock);
    });
  }

  /** @returns the port, which the system chose if it was 0 */
  async listen({ host, port }: ListenAddress): Promise<number> {
    this.#server.listen({ port, host, backlog });
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Takes no new connections, and no new streams on those there are.
   *
   * @returns when the last connection is gone
   */
  drain(): Promise<void> {
    this.#tls?.close();
    const drained = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const session of this.#sessions) session.close();
    return drained;
  }

  close(): Promise<void> {
    const drained = this.drain();
    for (const session of this.#sessions) session.destroy();
    return drained;
  }
}
