import type { HandlerContext } from "@connectrpc/connect";
import { connectionOf } from "./connection-of.ts";
import type { Connection } from "./open-stream.ts";

/**
 * Finds out who a client is besides what its connection says.
 *
 * @param headers of its request
 * @returns rejects with what the client is to be told that may not come in
 */
export type Identify = (connection: Connection, headers: Headers) => Promise<Connection>;

/** A stream that begins once it is known who comes. */
export async function* identified<Response>(
  context: HandlerContext,
  identify: Identify,
  carry: (connection: Connection) => AsyncIterable<Response>,
): AsyncGenerator<Response> {
  yield* carry(await identify(connectionOf(context), context.requestHeader));
}
