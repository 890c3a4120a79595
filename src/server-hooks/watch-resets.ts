import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Clock } from "../clock.ts";
import { type FloodLimit, FloodMeter } from "../flood-meter.ts";

/** How many streams may end before their answer does, beyond those that answers make up for. */
const resetLimit: FloodLimit = { burst: 1_000, perSecond: 100 };

/** A connection that carries calls may cancel so many for each one that is answered: callers leave, deadlines pass, hedges are won. */
const resetsPerAnswer = 10;

/**
 * Closes a connection that carries little but resets (CVE-2023-44487, rapid reset). A limit on resets per second, as Node.js has, either cuts the other
 * calls of clients that cancel much, or lets an attack pass where the server is too short of CPU to read that many in a second.
 */
export function watchResets(session: ServerHttp2Session, clock: Clock): void {
  const meter = new FloodMeter(resetLimit, clock.now());
  session.on("stream", (stream) => {
    stream.once("close", () => {
      if (stream.writableFinished && !stream.aborted) meter.makeUpFor(resetsPerAnswer);
      else if (isReset(stream) && !meter.allows(clock.now()) && !session.destroyed) {
        session.destroy(new Error("the client floods us with HTTP/2 streams that it resets"), constants.NGHTTP2_ENHANCE_YOUR_CALM);
      }
    });
  });
}

/** By either side: clients can make a server do it (CVE-2025-8671, MadeYouReset). An answer may have begun, of which nothing is sent. */
function isReset({ aborted, rstCode }: ServerHttp2Stream): boolean {
  return aborted || rstCode !== constants.NGHTTP2_NO_ERROR;
}
