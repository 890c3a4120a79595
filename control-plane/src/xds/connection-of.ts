import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest, Http2Session } from "node:http2";
import { type ContextValues, createContextKey, createContextValues, type HandlerContext } from "@connectrpc/connect";
import type { Connection } from "./open-stream.ts";

const noConnection: Connection = { peer: "unknown", retire() {} };
const connectionKey = createContextKey<Connection>(noConnection, { description: "connection of an xDS stream" });

/** What the handlers of a request are to know of its connection. */
export function connectionValues(request: Http2ServerRequest | IncomingMessage): ContextValues {
  const session = "stream" in request ? request.stream.session : undefined;
  return createContextValues().set(connectionKey, session === undefined ? noConnection : connectionOfSession(session));
}

export function connectionOf(context: HandlerContext): Connection {
  return context.values.get(connectionKey);
}

function connectionOfSession(session: Http2Session): Connection {
  const { remoteAddress = "unknown", remotePort = 0 } = session.socket ?? {};
  return {
    peer: `${remoteAddress}:${remotePort}`,
    // Sends GOAWAY, and ends the connection with its last stream.
    retire: () => session.close(),
  };
}
