import { constants, type ServerHttp2Stream } from "node:http2";
import type { Clock, Timer } from "../clock.ts";
import { writeInPieces } from "./write-in-pieces.ts";

/** A client's default window: it takes as much before it has to answer, so that waiting between pieces costs nothing. */
const pieceBytes = 65_536;

/**
 * Resets a stream whose client takes less than one piece of what waits for it, in the given time (CVE-2019-9517). Activity alone does not count: a byte
 * now and then would hold an answer of any size. Silence is no crime where nothing waits: a subscription may have nothing to say for hours.
 */
export function watchReader(stream: ServerHttp2Stream, stallTimeoutMs: number, clock: Clock): void {
  let written = 0;
  let timer: Timer | undefined;
  const watch = () => {
    const taken = written - stream.writableLength;
    timer = clock.after(stallTimeoutMs, () => {
      timer = undefined;
      if (stream.writableLength === 0 || stream.closed) return;
      if (written - stream.writableLength > taken) watch();
      else stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    });
  };
  writeInPieces(stream, pieceBytes, (length) => {
    written += length;
    if (timer === undefined) watch();
  });
  stream.once("close", () => timer?.cancel());
}
