import { type ContextValues, createContextKey, createContextValues, type HandlerContext } from "@connectrpc/connect";
import type { Connection } from "./open-stream.ts";

export const noConnection: Connection = { peer: "unknown", names: [], isCertified: false, retire() {} };
const connectionKey = createContextKey<Connection>(noConnection, { description: "connection of a stream" });

/** For the handlers of a request that came by this connection. */
export function valuesOf(connection: Connection): ContextValues {
  return createContextValues().set(connectionKey, connection);
}

export function connectionOf(context: HandlerContext): Connection {
  return context.values.get(connectionKey);
}
