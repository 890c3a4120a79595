import { constants, type ServerHttp2Session } from "node:http2";
import type { Clock } from "../clock.ts";

/** Above every stream: a GOAWAY with it refuses nothing yet. */
const anyStream = 2 ** 31 - 1;

/** A frame is on the wire at the next turn of the event loop, unless the client is slow to read. */
const onTheWireMs = 100;

/**
 * Tells a client by GOAWAY, in two steps, to make its calls elsewhere; those in flight go on, and the session closes after the last.
 *
 * Until the first GOAWAY is on the wire, calls are taken; from then on Node.js ignores what the client sent before it read it, and the second one names
 * the last call that was taken. `session.close()` alone refuses from the moment it is called, and so all that a busy event loop has not read yet.
 */
export function leaveSession(session: ServerHttp2Session, clock: Clock): void {
  if (session.closed || session.destroyed) return;
  session.goaway(constants.NGHTTP2_NO_ERROR, anyStream);
  const timer = clock.after(onTheWireMs, () => session.close());
  session.once("close", () => timer.cancel());
}
