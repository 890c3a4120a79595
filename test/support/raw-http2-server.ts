import { createServer } from "node:net";
import { closeServer, listenOnLoopback } from "./listen.ts";
import { RawConnection, type RawScript, type RawStream } from "./raw-connection.ts";
import { Changes } from "./until.ts";

/** An HTTP/2 server (h2c) that does exactly what its script says, frame by frame: for misbehaviour that no real server offers. */
export interface RawHttp2Server extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Every connection so far, in order; closed ones stay. */
  readonly connections: readonly RawConnection[];
  /** Every stream so far, over all connections. */
  streams(): readonly RawStream[];
  /** Resolves once the condition holds; looked at after everything that a client sends. */
  until(condition: () => boolean): Promise<void>;
  /** Stops listening and cuts what is still connected. */
  close(): Promise<void>;
}

export async function startRawHttp2Server(script: RawScript = {}): Promise<RawHttp2Server> {
  const changes = new Changes();
  const connections: RawConnection[] = [];
  const server = createServer({ noDelay: true, allowHalfOpen: script.leavesTcpOpen ?? false }, (socket) => {
    connections.push(new RawConnection(socket, script, () => changes.announce()));
    changes.announce();
  });
  const port = await listenOnLoopback(server);
  const close = async () => {
    if (!server.listening) return;
    for (const connection of connections) connection.socket.destroy();
    await closeServer(server);
  };
  return {
    port,
    address: `127.0.0.1:${port}`,
    connections,
    streams: () => connections.flatMap((connection) => connection.streams),
    until: (condition) => changes.until(condition),
    close,
    [Symbol.asyncDispose]: close,
  };
}
