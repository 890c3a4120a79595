import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest, Http2Session } from "node:http2";
import { TLSSocket } from "node:tls";
import type { ContextValues } from "@connectrpc/connect";
import { clientNames } from "../access/client-names.ts";
import { noConnection, valuesOf } from "../xds/connection-of.ts";
import type { Connection } from "../xds/open-stream.ts";

/** What the handlers of a request are to know of its connection. */
export function connectionValues(request: Http2ServerRequest | IncomingMessage): ContextValues {
  const session = "stream" in request ? request.stream.session : undefined;
  return valuesOf(session === undefined ? noConnection : sessionConnection(session));
}

function sessionConnection(session: Http2Session): Connection {
  const { socket } = session;
  const { remoteAddress = "unknown", remotePort = 0 } = socket ?? {};
  // Where a certificate is not needed, one of any authority may be shown.
  const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
  return {
    peer: `${remoteAddress}:${remotePort}`,
    names: certificate === undefined ? [] : clientNames(certificate.raw),
    isCertified: certificate !== undefined,
    // Sends GOAWAY, and ends the connection with its last stream.
    retire: () => session.close(),
  };
}
