import * as http2 from "node:http2";
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type ConnectRouter, createContextKey, createContextValues, type Interceptor } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { echoService } from "./echo-service.ts";
import { closeServer, listenOnLoopback } from "./listen.ts";
import type { Credentials } from "./test-pki.ts";
import { Changes } from "./until.ts";

/** An attempt as the server saw it. */
export interface SeenCall {
  /** `Echo`, `Count`, ... */
  readonly method: string;
  /** Pseudo-headers included. */
  readonly headers: http2.IncomingHttpHeaders;
  /** The stream ended, in whichever way. */
  readonly closed: boolean;
  /** The HTTP/2 error code with which it ended; 8 is CANCEL. Undefined while it is open. */
  readonly resetCode: number | undefined;
  /** Resets the stream with this error code. */
  reset(code: number): void;
}

export interface EchoServerOptions {
  /** Says who answers, in messages, headers and errors. Default `server`. */
  readonly name?: string;
  /** Default: h2c. */
  readonly tls?: Credentials & { readonly ca?: string; readonly requestCert?: boolean };
  /** The HTTP/2 settings that clients are sent. */
  readonly settings?: http2.Settings;
  readonly interceptors?: Interceptor[];
  /** Adds services beside its own. */
  readonly routes?: (router: ConnectRouter) => void;
  /** Default: a free one. */
  readonly port?: number;
  /** Runs before the service does: a promise holds the answer back, an error takes its place. */
  readonly onCall?: (call: SeenCall) => void | Promise<void>;
}

/** A TLS connection as the server saw it. */
export interface SeenHandshake {
  /** The host name that the client asked for by SNI, or undefined. */
  readonly serverName: string | undefined;
  /** Serial number of the client's certificate in upper-case hex, or undefined: it showed none. */
  readonly clientSerial: string | undefined;
  /** An earlier TLS session was taken up again. */
  readonly resumed: boolean;
}

/** A real server for tests: connect-node's, with a record of what it saw. */
export interface EchoServer extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Attempts on registered methods, in order of arrival. */
  readonly calls: readonly SeenCall[];
  /** Connections that are open now. */
  openConnections(): number;
  /** Connections ever accepted. */
  acceptedConnections(): number;
  /** Host names that clients asked for by SNI. */
  readonly serverNames: readonly string[];
  /** TLS connections that became HTTP/2 sessions, in order of arrival. */
  readonly handshakes: readonly SeenHandshake[];
  /** Resolves once the condition holds; looked at whenever a call or a connection begins or ends. */
  until(condition: () => boolean): Promise<void>;
  /** Tells every client, by GOAWAY, to go elsewhere; calls in flight go on. */
  drain(): void;
  /** Dies as a killed process does: every connection is reset, new ones are refused. */
  kill(): Promise<void>;
  /** For the end of a test: waits until the clients have closed their connections, so that a leaked one fails the test. */
  [Symbol.asyncDispose](): Promise<void>;
}

const seenCallKey = createContextKey<SeenCall | undefined>(undefined);

/** Starts a server on loopback. */
export async function startEchoServer(options: EchoServerOptions = {}): Promise<EchoServer> {
  const { name = "server" } = options;
  const changes = new Changes();
  const calls: SeenCall[] = [];
  const handler = connectNodeAdapter({
    routes(router) {
      router.service(EchoService, echoService(name));
      options.routes?.(router);
    },
    interceptors: [...(options.interceptors ?? []), telling(options.onCall)],
    contextValues: (request) => {
      const call = seeCall(request as http2.Http2ServerRequest, changes);
      calls.push(call);
      changes.announce();
      return createContextValues().set(seenCallKey, call);
    },
  });
  const server = createHttp2Server(options, handler);
  const connections = trackConnections(server, changes);
  const sessions = trackSessions(server, changes);
  const port = await listenOnLoopback(server as Server, options.port);
  const stop = async (cut: (socket: Socket) => void) => {
    for (const socket of connections.open) cut(socket);
    if (server.listening) await closeServer(server as Server);
  };
  return {
    name,
    port,
    address: `127.0.0.1:${port}`,
    calls,
    get serverNames() {
      return sessions.handshakes.flatMap(({ serverName }) => serverName ?? []);
    },
    handshakes: sessions.handshakes,
    openConnections: () => connections.open.size,
    acceptedConnections: () => connections.accepted,
    until: (condition) => changes.until(condition),
    drain: () => {
      for (const session of sessions.open) session.close();
    },
    kill: () => stop((socket) => socket.resetAndDestroy()),
    [Symbol.asyncDispose]: async () => {
      try {
        await changes.until(() => connections.open.size === 0);
      } finally {
        await stop((socket) => socket.destroy());
      }
    },
  };
}

function seeCall({ stream, headers }: http2.Http2ServerRequest, changes: Changes): SeenCall {
  const method = headers[":path"]?.split("?")[0]?.split("/").at(-1) ?? "";
  const call = { method, headers, closed: false, resetCode: undefined, reset: (code: number) => stream.close(code) };
  stream.once("close", () => {
    Object.assign(call, { closed: true, resetCode: stream.rstCode });
    changes.announce();
  });
  return call;
}

type Handler = ReturnType<typeof connectNodeAdapter>;

function createHttp2Server({ tls, settings = {} }: EchoServerOptions, handler: Handler): http2.Http2Server | http2.Http2SecureServer {
  if (tls === undefined) return http2.createServer({ settings }, handler);
  return http2.createSecureServer({ settings, rejectUnauthorized: tls.requestCert === true, ...tls }, handler);
}

function telling(onCall: EchoServerOptions["onCall"]): Interceptor {
  return (next) => async (request) => {
    const call = request.contextValues.get(seenCallKey);
    if (call !== undefined) await onCall?.(call);
    return next(request);
  };
}

/** Follows the TCP connections themselves, so that those that never become HTTP/2 sessions count too. */
function trackConnections(server: http2.Http2Server | http2.Http2SecureServer, changes: Changes) {
  const connections = { open: new Set<Socket>(), accepted: 0 };
  server.on("connection", (socket: Socket) => {
    connections.accepted++;
    connections.open.add(socket);
    socket.once("close", () => {
      connections.open.delete(socket);
      changes.announce();
    });
    changes.announce();
  });
  return connections;
}

function trackSessions(server: http2.Http2Server | http2.Http2SecureServer, changes: Changes) {
  const sessions = { open: new Set<http2.ServerHttp2Session>(), handshakes: [] as SeenHandshake[] };
  server.on("session", (session: http2.ServerHttp2Session) => {
    if (session.encrypted) sessions.handshakes.push(seeHandshake(session.socket as TLSSocket));
    sessions.open.add(session);
    session.once("close", () => sessions.open.delete(session));
    changes.announce();
  });
  return sessions;
}

function seeHandshake(socket: TLSSocket): SeenHandshake {
  const serverName = socket.servername || undefined;
  return { serverName, clientSerial: socket.getPeerX509Certificate()?.serialNumber, resumed: socket.isSessionReused() };
}
