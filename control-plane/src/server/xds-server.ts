import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { boundedHttp2Options, guarded, protect } from "meshless/server-hooks";
import type { Clock } from "../clock.ts";
import { connectionValues } from "../xds/connection-of.ts";
import { withAppendix } from "../xds/shared-bytes.ts";
import { keepAlive } from "./keep-alive.ts";
import type { ListenAddress } from "./listen-address.ts";

/** Above what any good client sends: the names of all that it wants. */
const readMaxBytes = 4 * 1024 * 1024;

/** Never: each stream would compress the same endpoints for itself, which costs ten times what sending them does. */
const compressMinBytes = 2 ** 32 - 1;

/** Connections that wait to be accepted: all clients of a replica that went may come at once. Node.js has 511, and who finds no room tries again after a second or more. */
const backlog = 4_096;

/** HTTP/2 without TLS, bounded in what one client can cost. */
export class XdsServer {
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  constructor(routes: (router: ConnectRouter) => void, clock: Clock) {
    const handler = connectNodeAdapter({
      routes,
      readMaxBytes,
      compressMinBytes,
      contextValues: (request) => withAppendix(connectionValues(request), request),
    });
    this.#server = protect(createServer(boundedHttp2Options(), guarded(handler)));
    this.#server.on("session", (session) => {
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
