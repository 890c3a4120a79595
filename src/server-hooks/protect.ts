import { constants, type Http2SecureServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import { assertOptions, durationMs } from "../check-options.ts";
import { type Clock, checkClock, systemClock } from "../clock.ts";
import { controlFrameLimit, FloodMeter } from "../flood-meter.ts";
import { watchReader } from "./watch-reader.ts";
import { watchResets } from "./watch-resets.ts";

/** Options of `protect`. */
export interface ProtectOptions {
  /**
   * A stream is reset whose client takes less than 64 KiB of what waits for it in this time, in ms; or not the rest, where less is left.
   * Default 60 000, so that 1.1 KB per second will do; 0 waits for ever.
   */
  readonly stallTimeoutMs?: number;
  /** Default: the real clock. */
  readonly clock?: Clock;
}

/**
 * Closes connections that flood the server with PING, SETTINGS or GOAWAY frames slowly enough for Node.js (CVE-2019-9512, -9515), or that carry little
 * but resets (CVE-2023-44487), and resets streams whose client hardly reads (CVE-2019-9517). A connection that is closed so is told by the server's
 * event `sessionError`, as are those that Node.js closes by itself.
 */
export function protect<Server extends Http2Server | Http2SecureServer>(server: Server, options: ProtectOptions = {}): Server {
  const { stallTimeoutMs = 60_000, clock = systemClock } = assertOptions("protect", options, {
    stallTimeoutMs: durationMs,
    clock: checkClock,
  });
  const onSession = (session: ServerHttp2Session) => {
    watchFrames(session, clock);
    watchResets(session, clock);
    // First, because a handler may write its whole answer at once.
    if (stallTimeoutMs > 0) session.prependListener("stream", (stream) => watchReader(stream, stallTimeoutMs, clock));
  };
  // TypeScript does not see that both kinds of server have the same event.
  (server as Http2Server).on("session", onSession);
  return server;
}

function watchFrames(session: ServerHttp2Session, clock: Clock): void {
  const meter = new FloodMeter(controlFrameLimit, clock.now());
  for (const event of ["ping", "remoteSettings", "goaway"] as const) {
    session.on(event, () => {
      if (meter.allows(clock.now()) || session.destroyed) return;
      session.destroy(new Error(`the client floods us with HTTP/2 frames (${event})`), constants.NGHTTP2_ENHANCE_YOUR_CALM);
    });
  }
}
